using System.ComponentModel;
using System.Diagnostics;
using System.Text;
using Fwknop.Daemon.Commands;
using Fwknop.Native.Libc;

namespace Fwknop.Daemon.Enforcement;

/// <summary>
/// Runs a program and waits for it: without a shell, with an environment of its own, for a limited time, and with no more
/// output than is any use (server.md 8.0 and Q13: the reference has neither limit and hands down its own environment).
/// </summary>
internal static class ExternalCommand
{
    /// <summary>Our choice: about 100,000 listed rules.</summary>
    private const int MaxOutput = 16 * 1024 * 1024;

    /// <summary>Our choice: an error text is for one log line.</summary>
    private const int MaxErrorText = 512;

    private const string SafePath = "/usr/sbin:/usr/bin:/sbin:/bin";

    public static ExternalResult Run(string program, IReadOnlyList<string> arguments, string input, TimeSpan timeout)
    {
        using Process process = new() { StartInfo = Describe(program, arguments) };
        try
        {
            lock (ProgramGate.Starting)
            {
                process.Start();
            }
        }
        catch (Win32Exception failure)
        {
            return ExternalResult.Failure($"{program} cannot be run: {new Errno(failure.NativeErrorCode).Text}");
        }

        Task write = Task.Run(() => Write(process.StandardInput, input));
        Task<string?> output = Task.Run(() => Read(process, process.StandardOutput));
        Task<string?> error = Task.Run(() => Read(process, process.StandardError));
        long started = Stopwatch.GetTimestamp();
        bool finished = Task.WaitAll([write, output, error], timeout)
            && process.WaitForExit(Remaining(timeout, started))
            && output.Result is not null
            && error.Result is not null;
        if (!finished)
        {
            process.Kill(entireProcessTree: true);
            process.WaitForExit();
            return ExternalResult.Failure($"{program} did not finish within {timeout.TotalSeconds:0.#} s, or printed too much");
        }

        return process.ExitCode == 0
            ? new ExternalResult(Succeeded: true, output.Result!, "")
            : new ExternalResult(Succeeded: false, output.Result!, Reason(program, process.ExitCode, error.Result!));
    }

    private static ProcessStartInfo Describe(string program, IReadOnlyList<string> arguments)
    {
        ProcessStartInfo start = new(program, arguments)
        {
            UseShellExecute = false,
            WorkingDirectory = "/",
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            StandardInputEncoding = new UTF8Encoding(encoderShouldEmitUTF8Identifier: false),
        };
        start.Environment.Clear();
        start.Environment["PATH"] = SafePath;
        start.Environment["LC_ALL"] = "C";
        return start;
    }

    private static void Write(StreamWriter writer, string input)
    {
        try
        {
            writer.Write(input);
            writer.Close();
        }
        catch (IOException)
        {
            // It has closed its end, so it has stopped reading; its exit status tells what it thought of the rest.
        }
    }

    /// <summary>Everything up to the end; or null if that is too much, and then the program is ended.</summary>
    private static string? Read(Process process, StreamReader reader)
    {
        StringBuilder text = new();
        char[] buffer = new char[4096];
        int count;
        while ((count = reader.Read(buffer)) > 0)
        {
            if (text.Length + count > MaxOutput)
            {
                process.Kill(entireProcessTree: true);
                return null;
            }

            text.Append(buffer, 0, count);
        }

        return text.ToString();
    }

    private static TimeSpan Remaining(TimeSpan timeout, long started)
    {
        TimeSpan left = timeout - Stopwatch.GetElapsedTime(started);
        return left > TimeSpan.Zero ? left : TimeSpan.Zero;
    }

    private static string Reason(string program, int status, string error)
    {
        string text = Bounded(error);
        return text.Length == 0 ? $"{program} exited with status {status}" : text;
    }

    /// <summary>One printable line: error texts go to the log.</summary>
    private static string Bounded(string text)
    {
        StringBuilder line = new();
        foreach (char symbol in text.Trim())
        {
            line.Append(char.IsControl(symbol) ? ' ' : symbol);
            if (line.Length == MaxErrorText)
            {
                break;
            }
        }

        return line.ToString();
    }
}
