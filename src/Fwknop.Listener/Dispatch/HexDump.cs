using System.Globalization;
using System.Text;

namespace Fwknop.Listener.Dispatch;

/// <summary>Bytes for people: sixteen a line, with their place in front and the printable ones behind.</summary>
internal static class HexDump
{
    private const int BytesPerLine = 16;

    /// <summary>The lines.</summary>
    public static IReadOnlyList<string> Of(ReadOnlySpan<byte> bytes)
    {
        List<string> lines = [];
        for (int start = 0; start < bytes.Length; start += BytesPerLine)
        {
            lines.Add(LineOf(start, bytes[start..Math.Min(start + BytesPerLine, bytes.Length)]));
        }

        return lines;
    }

    private static string LineOf(int start, ReadOnlySpan<byte> bytes)
    {
        StringBuilder hex = new();
        StringBuilder text = new();
        foreach (byte value in bytes)
        {
            hex.Append(CultureInfo.InvariantCulture, $" {value:x2}");
            text.Append(value is >= 0x20 and < 0x7F ? (char)value : '.');
        }

        return string.Create(CultureInfo.InvariantCulture, $"    {start:x4}:{hex.ToString().PadRight(BytesPerLine * 3)}  {text}");
    }
}
