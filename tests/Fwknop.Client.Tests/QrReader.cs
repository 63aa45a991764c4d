using System.Text;
using Fwknop.TestSupport;

namespace Fwknop.Client.Tests;

/// <summary>Reads QR codes as a phone does: with <c>zbarimg</c>, from picture files and from the text a terminal gets.</summary>
internal static class QrReader
{
    public const string Decoder = "zbarimg";
    public const string SvgRenderer = "rsvg-convert";

    private const int PixelsPerModule = 4;
    private const string Colours = "\e[38;5;16;48;5;231m";
    private const string NoColours = "\e[0m";

    /// <summary>The text of the one code in a PNG or PGM file.</summary>
    public static string Read(string path)
    {
        ProcessRun run = ProcessRun.RunChecked(
            new ProcessCommand(Decoder, "--nodbus", "--quiet", "--raw", "-Sdisable", "-Sqrcode.enable", path));
        Assert.EndsWith("\n", run.Output + "\n", StringComparison.Ordinal);
        return run.Output;
    }

    /// <summary>The text of a code drawn with half blocks, seen on a dark terminal.</summary>
    public static string ReadDrawing(string drawing, TemporaryFolder folder)
    {
        string[] lines = drawing.TrimEnd('\n').Split('\n');
        List<bool[]> rows = [];
        foreach (string line in lines)
        {
            bool isColoured = line.StartsWith(Colours, StringComparison.Ordinal);
            Assert.Equal(isColoured, line.EndsWith(NoColours, StringComparison.Ordinal));
            string blocks = isColoured ? line[Colours.Length..^NoColours.Length] : line;

            // The colour of blocks is black when colours are set, else that of a dark terminal's text: light.
            rows.Add([.. blocks.Select(block => block is '█' or '▀' != isColoured)]);
            rows.Add([.. blocks.Select(block => block is '█' or '▄' != isColoured)]);
        }

        return Read(WritePgm(rows, folder));
    }

    private static string WritePgm(List<bool[]> lightRows, TemporaryFolder folder)
    {
        int width = lightRows[0].Length;
        Assert.All(lightRows, row => Assert.Equal(width, row.Length));
        List<byte> file = [.. Encoding.ASCII.GetBytes($"P5 {width * PixelsPerModule} {lightRows.Count * PixelsPerModule} 255\n")];
        foreach (bool[] row in lightRows)
        {
            byte[] pixels = [.. row.SelectMany(isLight => Enumerable.Repeat(isLight ? byte.MaxValue : byte.MinValue, PixelsPerModule))];
            for (int i = 0; i < PixelsPerModule; i++)
            {
                file.AddRange(pixels);
            }
        }

        string path = folder.FilePath("drawing.pgm");
        File.WriteAllBytes(path, [.. file]);
        return path;
    }
}
