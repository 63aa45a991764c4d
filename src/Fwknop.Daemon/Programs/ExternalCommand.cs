using System.Diagnostics;
using System.Text;
using Fwknop.Native.Libc;

namespace Fwknop.Daemon.Programs;

/// <summary>
/// Runs a program and waits for it: without a shell or a terminal, with an environment of its own, for a limited time, and with no more
/// output than is any use (server.md 8.0 and Q13: the reference has neither limit and hands down its own environment).
/// </summary>
internal static class ExternalCommand
{
    /// <summary>Our choice: about 100,000 listed rules.</summary>
    private const int MaxOutput = 16 * 1024 * 1024;

    /// <summary>Our choice: an error text is for one log line.</summary>
    private const int MaxErrorText = 512;

    /// <summary>Our choice: SIGKILL works at once, unless the kernel itself waits for something.</summary>
    private static readonly TimeSpan KillTimeout = TimeSpan.FromSeconds(2);

    /// <summary>Where programs of the system are.</summary>
    public const string SafePath = "/usr/sbin:/usr/bin:/sbin:/bin";

    public static ExternalResult Run(string program, IReadOnlyList<string> arguments, string input, TimeSpan timeout)
    {
        ChildStart start = new(program, arguments, [$"PATH={SafePath}", "LC_ALL=C"]) { HasPipes = true };
        using ChildProgram? process = ChildProgram.TryStart(start, out Errno failure);
        if (process is null)
        {
            return ExternalResult.Failure($"{program} cannot be run: {failure.Text}");
        }

        Task write = Task.Run(() => Write(process.Input, input));
        Task<string?> output = Task.Run(() => Read(process, process.Output));
        Task<string?> error = Task.Run(() => Read(process, process.Errors));
        long started = Stopwatch.GetTimestamp();
        bool finished = Task.WaitAll([write, output, error], timeout)
            && process.WaitForEnd(Remaining(timeout, started))
            && output.Result is not null
            && error.Result is not null;
        if (!finished)
        {
            process.TryKill(user: null, out _);
            process.WaitForEnd(KillTimeout);
            return ExternalResult.Failure($"{program} did not finish within {timeout.TotalSeconds:0.#} s, or printed too much");
        }

        return process.Status == 0
            ? new ExternalResult(Succeeded: true, output.Result!, "")
            : new ExternalResult(Succeeded: false, output.Result!, Reason(program, process.Status!.Value, error.Result!)) { Status = process.Status };
    }

    private static void Write(Stream pipe, string input)
    {
        try
        {
            using (pipe)
            {
                pipe.Write(Encoding.UTF8.GetBytes(input));
            }
        }
        catch (IOException)
        {
            // It has closed its end, so it has stopped reading; its exit status tells what it thought of the rest.
        }
    }

    /// <summary>Everything up to the end; or null if that is too much, and then the program is ended.</summary>
    private static string? Read(ChildProgram process, Stream pipe)
    {
        using StreamReader reader = new(pipe, Encoding.UTF8);
        StringBuilder text = new();
        char[] buffer = new char[4096];
        int count;
        while ((count = reader.Read(buffer)) > 0)
        {
            if (text.Length + count > MaxOutput)
            {
                process.TryKill(user: null, out _);
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
