using System.Diagnostics;
using System.Text.RegularExpressions;

namespace Fwknop.TestSupport;

/// <summary>
/// A program started by a test: its lines are kept (up to a bound), can be waited for, and it is killed when disposed.
/// </summary>
public sealed class RunningProcess : IDisposable
{
    private const int MaxCharacters = 8 * 1024 * 1024;

    // Only what fails takes so long: a busy machine must not make it fail.
    private static readonly TimeSpan DefaultTimeout = TimeSpan.FromSeconds(30);

    private readonly ProcessCommand _command;
    private readonly Process _process;
    private readonly Lock _gate = new();
    private readonly List<string> _output = [];
    private readonly List<string> _errors = [];
    private readonly ManualResetEventSlim _changed = new();
    private int _characters;
    private int _openStreams = 2;

    private RunningProcess(ProcessCommand command, Process process)
    {
        _command = command;
        _process = process;
    }

    /// <summary>Process number of the program itself, also in a namespace (<c>ip netns exec</c> replaces itself).</summary>
    public int Id => _process.Id;

    public bool HasExited => _process.HasExited;

    public string Output => Text(_output);

    public string Errors => Text(_errors);

    public static RunningProcess Start(ProcessCommand command)
    {
        var running = new RunningProcess(command, new Process { StartInfo = StartInfo(command) });
        running._process.OutputDataReceived += (_, line) => running.Add(running._output, line.Data);
        running._process.ErrorDataReceived += (_, line) => running.Add(running._errors, line.Data);
        running._process.Start();
        running._process.BeginOutputReadLine();
        running._process.BeginErrorReadLine();
        running.WriteInput();
        return running;
    }

    /// <summary>
    /// Waits for a line on either stream that matches; the lines already there count, from <paramref name="after"/> matches on.
    /// Throws <see cref="TimeoutException"/> with all that was said when there is none in time or the program has ended.
    /// </summary>
    public string WaitForLine(string pattern, TimeSpan? timeout = null, int after = 0)
    {
        var deadline = Deadline.In(timeout ?? DefaultTimeout);
        var regex = new Regex(pattern);
        while (true)
        {
            _changed.Reset();
            if (Matches(regex).Skip(after).FirstOrDefault() is { } line)
            {
                return line;
            }

            if (deadline.IsOver || _openStreams == 0)
            {
                throw new TimeoutException($"No line '{pattern}' (after {after}) from {Describe()}");
            }

            _changed.Wait(deadline.Left);
        }
    }

    /// <summary>How many lines of both streams match now.</summary>
    public int CountLines(string pattern) => Matches(new Regex(pattern)).Count;

    /// <summary>Exit status, 128 + signal when killed. Throws <see cref="TimeoutException"/> when it is still running.</summary>
    public int WaitForExit(TimeSpan? timeout = null)
    {
        if (!_process.WaitForExit(timeout ?? DefaultTimeout))
        {
            throw new TimeoutException($"Still running: {Describe()}");
        }

        // Children may hold the streams open for ever; what the program itself said arrives within moments.
        var deadline = Deadline.In(TimeSpan.FromSeconds(2));
        while (Volatile.Read(ref _openStreams) > 0 && !deadline.IsOver)
        {
            _changed.Reset();
            if (Volatile.Read(ref _openStreams) > 0)
            {
                _changed.Wait(deadline.Left);
            }
        }

        return _process.ExitCode;
    }

    /// <summary>False when it had ended before.</summary>
    public bool Send(Signal signal) => !_process.HasExited && LibC.Kill(_process.Id, (int)signal);

    /// <summary>Process numbers of its direct children.</summary>
    public IReadOnlyList<int> Children() => ProcessTable.ChildrenOf(Id);

    public void Dispose()
    {
        Send(Signal.Kill);
        _process.WaitForExit(TimeSpan.FromSeconds(5));
        _process.Dispose();
    }

    public string Describe() =>
        $"{_command} ({(_process.HasExited ? $"ended with {_process.ExitCode}" : "running")})\n--- stdout\n{Output}\n--- stderr\n{Errors}";

    private static ProcessStartInfo StartInfo(ProcessCommand command)
    {
        IReadOnlyList<string> words = command.Namespace is { } space
            ? ["ip", "netns", "exec", space.Name, command.Program, .. command.Arguments]
            : [command.Program, .. command.Arguments];
        var info = new ProcessStartInfo(words[0], words.Skip(1))
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = command.WorkingDirectory ?? "",
        };
        // A program that a test kills would leave the files of the runtime's diagnostics in /tmp.
        info.Environment["DOTNET_EnableDiagnostics"] = "0";
        info.Environment["LC_ALL"] = "C";
        foreach ((string name, string? value) in command.Environment)
        {
            info.Environment[name] = value;
        }

        return info;
    }

    private void WriteInput()
    {
        try
        {
            _process.StandardInput.Write(_command.Input ?? "");
            _process.StandardInput.Close();
        }
        catch (IOException)
        {
            // The program ended, or closed its input, without reading it: its exit status will tell.
        }
    }

    private void Add(List<string> lines, string? line)
    {
        lock (_gate)
        {
            if (line is null)
            {
                _openStreams--;
            }
            else if (_characters < MaxCharacters)
            {
                lines.Add(line);
                _characters += line.Length;
            }
        }

        _changed.Set();
    }

    private List<string> Matches(Regex regex)
    {
        lock (_gate)
        {
            return [.. _errors.Concat(_output).Where(line => regex.IsMatch(line))];
        }
    }

    private string Text(List<string> lines)
    {
        lock (_gate)
        {
            return string.Join('\n', lines);
        }
    }
}
