using System.ComponentModel;
using System.Diagnostics;
using Fwknop.Configuration.Server;
using Fwknop.Daemon.Commands;
using Fwknop.Daemon.Logging;
using Fwknop.Grants;
using Fwknop.Native.Libc;

namespace Fwknop.Daemon.Lifecycle;

/// <summary>
/// A child that handles what strangers send: fwknopd-listener, confined before its first instruction by <c>setpriv</c> (a user of its own, no groups, no new
/// privileges, no capability but those named). Its setup goes to its standard input, which stays open: closing that ends it. Its lines go to the log.
/// </summary>
internal sealed class ConfinedProcess : IDisposable
{
    /// <summary>The status with which setpriv and the program end after a line that says why.</summary>
    private const int Reported = 1;

    private static readonly TimeSpan EndTimeout = TimeSpan.FromSeconds(2);

    private readonly string _name;
    private readonly Process _process;
    private readonly DaemonLog _log;
    private readonly Thread _lines;
    private volatile bool _hasReportedError;

    private ConfinedProcess(string name, Process process, DaemonLog log)
    {
        _name = name;
        _process = process;
        _log = log;
        _lines = new Thread(RelayLines) { IsBackground = true, Name = $"{name} log" };
        _lines.Start();
    }

    /// <summary>What it writes to its standard output.</summary>
    public Stream Output => _process.StandardOutput.BaseStream;

    /// <summary>Starts it.</summary>
    /// <param name="name">For the log.</param>
    /// <param name="config">Whether it is confined, and where the program is.</param>
    /// <param name="rights">As whom, and with which capabilities.</param>
    /// <param name="passed">Descriptors that it inherits.</param>
    /// <param name="writeSetup">Writes the setup; on a thread of its own, for a child that does not read must not keep the daemon from its signals.</param>
    /// <param name="log">Where its lines go.</param>
    /// <exception cref="StartupException">It cannot be started.</exception>
    public static ConfinedProcess Start(
        string name, ServerConfig config, ConfinedRights rights, IReadOnlyList<Descriptor> passed, Action<Stream> writeSetup, DaemonLog log)
    {
        string program = config.ListenerExe ?? Path.Combine(AppContext.BaseDirectory, "fwknopd-listener");
        if (!File.Exists(program))
        {
            throw new StartupException($"[*] {program} does not exist: install it beside fwknopd, or set LISTENER_EXE");
        }

        ProcessStartInfo start = CommandLine(name, program, config, rights, log);
        try
        {
            ConfinedProcess child = new(name, StartWith(passed, start), log);
            new Thread(() => child.HandOver(writeSetup)) { IsBackground = true, Name = $"{name} setup" }.Start();
            return child;
        }
        catch (Win32Exception error)
        {
            throw new StartupException($"[*] {start.FileName} cannot be started: {error.Message}");
        }
    }

    /// <summary>Closes its input.</summary>
    public void TellToEnd()
    {
        try
        {
            _process.StandardInput.BaseStream.Close();
        }
        catch (IOException)
        {
            // It has ended already.
        }
    }

    /// <summary>After the end of its output: how it has ended.</summary>
    public ConfinedEnd WaitForEnd()
    {
        _lines.Join(EndTimeout);
        _process.WaitForExit(EndTimeout);
        int? status = _process.HasExited ? _process.ExitCode : null;
        string how = status is null ? "it closed its output" : $"status {status}";
        return new ConfinedEnd($"{_name} has ended ({how})", status, status == Reported && _hasReportedError);
    }

    /// <summary>Ends the process: by closing its input, and by force if that does not help.</summary>
    public void Dispose()
    {
        TellToEnd();
        if (!_process.WaitForExit(EndTimeout))
        {
            Kill();
        }

        _process.Dispose();
    }

    private static Process StartWith(IReadOnlyList<Descriptor> passed, ProcessStartInfo start)
    {
        lock (ProgramGate.Starting)
        {
            try
            {
                foreach (Descriptor descriptor in passed)
                {
                    descriptor.SetInherited(true);
                }

                return Process.Start(start)!;
            }
            finally
            {
                foreach (Descriptor descriptor in passed)
                {
                    descriptor.SetInherited(false);
                }
            }
        }
    }

    private void Kill()
    {
        try
        {
            _process.Kill();
            _process.WaitForExit();
        }
        catch (Win32Exception error)
        {
            // It has another user, and a service may be without CAP_KILL.
            _log.Error($"[*] {_name} (pid={_process.Id}) does not end and cannot be killed: {error.Message}");
        }
    }

    private static ProcessStartInfo CommandLine(
        string name, string program, ServerConfig config, ConfinedRights rights, DaemonLog log)
    {
        ProcessStartInfo start = new()
        {
            WorkingDirectory = "/",
            UseShellExecute = false,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        SetEnvironment(start);
        if (WhyNotConfined(config) is { } reason)
        {
            log.Warning($"Warning: {name} is NOT confined and parses packets with all rights of fwknopd: {reason}");
            start.FileName = program;
            Add(start, [.. rights.Mode, "--unconfined"]);
            return start;
        }

        string capabilities = string.Join(",+", ["-all", .. rights.Capabilities]);
        start.FileName = Setpriv.Program;
        Add(
            start,
            [
                $"--reuid={rights.Uid}", $"--regid={rights.Gid}", "--clear-groups", "--no-new-privs",
                $"--inh-caps={capabilities}", $"--ambient-caps={capabilities}", $"--bounding-set={capabilities}",
                "--", program, .. rights.Mode, "--allow", rights.Capabilities.Count == 0 ? "none" : string.Join(',', rights.Capabilities),
            ]);
        return start;
    }

    private static void Add(ProcessStartInfo start, IEnumerable<string> arguments)
    {
        foreach (string argument in arguments)
        {
            start.ArgumentList.Add(argument);
        }
    }

    private static string? WhyNotConfined(ServerConfig config) =>
        !config.SeparatesPrivileges ? "PRIVILEGE_SEPARATION N"
        : !Environment.IsPrivilegedProcess ? "fwknopd is not root, so it cannot change user"
        : Setpriv.WhyMissing;

    private static void SetEnvironment(ProcessStartInfo start)
    {
        // No inherited settings; the runtime's diagnostics port would be a way into the process.
        start.Environment.Clear();
        start.Environment["DOTNET_EnableDiagnostics"] = "0";
        start.Environment["PATH"] = "/usr/sbin:/usr/bin:/sbin:/bin";
        if (Environment.GetEnvironmentVariable("TZ") is { } zone)
        {
            start.Environment["TZ"] = zone;
        }
    }

    private void HandOver(Action<Stream> writeSetup)
    {
        try
        {
            // Not closed: the end of the input would end it.
            Stream input = _process.StandardInput.BaseStream;
            writeSetup(input);
            input.Flush();
        }
        catch (Exception error) when (error is IOException or ObjectDisposedException)
        {
            // It ended before it had read everything, and its last words and its status say why; or we are stopping.
        }
    }

    private void RelayLines()
    {
        try
        {
            BoundedLines lines = new(_process.StandardError);
            while (lines.Next() is { } line)
            {
                LogLine parsed = LogLine.Parse(line);
                _hasReportedError |= parsed.Level == LogLevel.Error;
                _log.Relay(parsed);
            }
        }
        catch (Exception error) when (error is IOException or ObjectDisposedException)
        {
            // The end of the pipe.
        }
    }
}
