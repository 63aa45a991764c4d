using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;

namespace Fwknop.OpenPgp;

/// <summary>
/// Runs gpg and waits for it: without a shell, with an environment of its own, for a limited time, taking limited output. Data go over
/// standard input and output, the status lines over standard error; gpg's own messages go nowhere.
/// </summary>
internal sealed class GpgProgram(GpgSettings settings)
{
    /// <summary>Our choice: packets have 1499 characters; a decompressed message may be anything.</summary>
    public const int MaxMessage = 64 * 1024;

    /// <summary>Our choice: some thousand keys.</summary>
    public const int MaxListing = 4 * 1024 * 1024;

    private const int MaxStatus = 256 * 1024;

    private static readonly string[] Always =
    [
        "--batch", "--no-tty", "--no-greeting", "--utf8-strings", "--status-fd", "2", "--logger-file", "/dev/null",
        "--no-auto-key-locate", "--no-auto-key-retrieve", "--disable-dirmngr",
    ];

    /// <summary>Runs gpg once.</summary>
    /// <param name="arguments">What to do.</param>
    /// <param name="passphrase">Handed over as the first line of standard input; null for none.</param>
    /// <param name="input">What follows on standard input.</param>
    /// <param name="maxOutput">Bytes of output; more end the run.</param>
    public GpgResult Run(IReadOnlyList<string> arguments, GpgPassphrase? passphrase, ReadOnlySpan<byte> input, int maxOutput)
    {
        using Process process = new() { StartInfo = Describe(arguments, passphrase is not null) };
        try
        {
            process.Start();
        }
        catch (Win32Exception e)
        {
            return GpgResult.Failed($"{settings.Executable} cannot be run: {Marshal.GetPInvokeErrorMessage(e.NativeErrorCode)}");
        }

        if (settings.LimitProcess?.Invoke(process.Id) is { } problem)
        {
            End(process);
            return GpgResult.Failed($"{settings.Executable} cannot be limited: {problem}");
        }

        LimitedBuffer output = new(maxOutput);
        using LimitedBuffer status = new(MaxStatus);
        long started = Stopwatch.GetTimestamp();
        Task<bool> readOutput = ReadInBackground(process, process.StandardOutput.BaseStream, output);
        Task<bool> readStatus = ReadInBackground(process, process.StandardError.BaseStream, status);
        Write(process.StandardInput.BaseStream, passphrase, input);
        bool isInTime = Task.WaitAll([readOutput, readStatus], settings.TimeLimit)
            && process.WaitForExit(Remaining(started));
        if (!isInTime)
        {
            End(process);
            return GpgResult.Failed(string.Create(
                CultureInfo.InvariantCulture, $"{settings.Executable} did not end within {settings.TimeLimit.TotalSeconds:0.#} s"));
        }

        if (readOutput.Result && readStatus.Result)
        {
            return new GpgResult(process.ExitCode, output, StatusLine.ParseAll(status.Bytes));
        }

        output.Dispose();
        return GpgResult.Failed($"{settings.Executable} printed more than it should");
    }

    private ProcessStartInfo Describe(IReadOnlyList<string> arguments, bool hasPassphrase)
    {
        List<string> all = [.. Always];
        if (settings.HomeDirectory is { } home)
        {
            all.AddRange(["--homedir", home]);
        }

        if (hasPassphrase)
        {
            all.AddRange(["--pinentry-mode", "loopback", "--passphrase-fd", "0"]);
        }

        ProcessStartInfo start = new(settings.Executable, [.. all, .. arguments])
        {
            UseShellExecute = false,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment.Clear();
        foreach ((string name, string value) in settings.Environment)
        {
            start.Environment[name] = value;
        }

        return start;
    }

    // A pipe takes more than passphrase and packet together, so this does not wait for gpg to read.
    private static void Write(Stream stream, GpgPassphrase? passphrase, ReadOnlySpan<byte> input)
    {
        try
        {
            using (stream)
            {
                if (passphrase is not null)
                {
                    stream.Write(passphrase.Bytes);
                    stream.Write("\n"u8);
                }

                stream.Write(input);
            }
        }
        catch (IOException)
        {
            // It has stopped reading; its status tells why.
        }
    }

    /// <summary>Too much output ends the program at once. A read that fails because it was ended is no result either.</summary>
    private static Task<bool> ReadInBackground(Process process, Stream stream, LimitedBuffer buffer) => Task.Run(() =>
    {
        try
        {
            if (buffer.ReadAll(stream))
            {
                return true;
            }
        }
        catch (IOException)
        {
            return false;
        }

        End(process);
        return false;
    });

    private static void End(Process process)
    {
        try
        {
            process.Kill(entireProcessTree: true);
            process.WaitForExit();
        }
        catch (Exception e) when (e is InvalidOperationException or Win32Exception or AggregateException)
        {
            // It has ended by itself.
        }
    }

    private TimeSpan Remaining(long started)
    {
        TimeSpan left = settings.TimeLimit - Stopwatch.GetElapsedTime(started);
        return left > TimeSpan.Zero ? left : TimeSpan.Zero;
    }
}
