using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using Fwknop.Native.FileSystem;

namespace Fwknop.Client;

/// <summary>
/// The program of <c>-w</c>, run as the reference runs wget (client.md 12.1): without a shell, with our environment, its exit status
/// ignored. The address stands at the begin of its output or, as the reference reads both, of its error output.
/// </summary>
internal sealed class WgetCommand(string command, string? userAgent, ResolverUrl url)
{
    private static readonly string[] FixedArguments = ["--secure-protocol=auto", "--quiet", "-O", "-"];

    /// <summary>The command line, for messages.</summary>
    public string Text => string.Join(' ', [command, .. Arguments]);

    private string[] Arguments => [.. userAgent is null ? Array.Empty<string>() : ["-U", userAgent], .. FixedArguments, url.Text];

    /// <param name="path">The value of PATH.</param>
    /// <param name="family">The kind of address that is wanted.</param>
    /// <param name="limit">How long the program may take.</param>
    public ResolverAnswer Run(string? path, AddressFamily family, TimeSpan limit)
    {
        // Blanks separate arguments, but the user agent stays one: wget would take the rest of it for a URL.
        string[] words = command.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);
        string? program = ProgramSearch.Find(words.FirstOrDefault(), path, out string? problem);
        using Process? process = program is null ? null : ProgramStart.TryRun(Describe(program, [.. words.Skip(1), .. Arguments]), out problem);
        if (process is null)
        {
            return new ResolverAnswer(null, $"'{words.FirstOrDefault()}' cannot be run: {problem}");
        }

        Task<byte[]> output = ReadStart(process.StandardOutput.BaseStream, AddressText.MaxLength(family));
        Task<byte[]> errors = ReadStart(process.StandardError.BaseStream, AddressText.MaxLength(family));
        long started = Stopwatch.GetTimestamp();
        IPAddress? address = Find(output, family, limit) ?? Find(errors, family, Left(limit, started));
        if (process.WaitForExit(Left(limit, started)))
        {
            return new ResolverAnswer(address, $"no {AddressText.NameOf(family)} address at the begin of its output{ExitText(process)}");
        }

        process.Kill(entireProcessTree: true);
        return new ResolverAnswer(address, $"did not end within {limit.TotalSeconds:0.#} s");
    }

    private static ProcessStartInfo Describe(string program, string[] arguments) => new(program, arguments)
    {
        RedirectStandardInput = true,
        RedirectStandardOutput = true,
        RedirectStandardError = true,
    };

    private static string ExitText(Process process) => process.ExitCode == 0 ? "" : $"; exit status {process.ExitCode}";

    private static IPAddress? Find(Task<byte[]> start, AddressFamily family, TimeSpan limit) =>
        start.Wait(limit) && AddressText.TryParse(start.Result, family, out IPAddress address) ? address : null;

    // The first line or as much of it as counts. The rest is read too, so that the program can go on.
    private static Task<byte[]> ReadStart(Stream stream, int length)
    {
        TaskCompletionSource<byte[]> start = new();
        Task.Run(() =>
        {
            byte[] buffer = new byte[4096];
            int kept = 0;
            int count;
            while ((count = Read(stream, buffer.AsSpan(kept))) > 0)
            {
                if (start.Task.IsCompleted)
                {
                    continue;
                }

                kept += count;
                if (kept >= length || buffer.AsSpan(0, kept).Contains((byte)'\n'))
                {
                    start.SetResult(buffer[..kept]);
                    kept = 0;
                }
            }

            start.TrySetResult(buffer[..kept]);
        });
        return start.Task;
    }

    private static int Read(Stream stream, Span<byte> buffer)
    {
        try
        {
            return stream.Read(buffer);
        }
        catch (Exception e) when (e is IOException or ObjectDisposedException)
        {
            // The program was given up.
            return 0;
        }
    }

    private static TimeSpan Left(TimeSpan limit, long started)
    {
        TimeSpan left = limit - Stopwatch.GetElapsedTime(started);
        return left > TimeSpan.Zero ? left : TimeSpan.Zero;
    }
}
