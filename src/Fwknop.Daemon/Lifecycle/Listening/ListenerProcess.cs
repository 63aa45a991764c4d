using System.ComponentModel;
using System.Diagnostics;
using Fwknop.Configuration.Server;
using Fwknop.Daemon.Commands;
using Fwknop.Daemon.Logging;
using Fwknop.Grants;

namespace Fwknop.Daemon.Lifecycle;

/// <summary>
/// fwknopd-listener as a child: confined before its first instruction by <c>setpriv</c> (own user, no groups, no new privileges, no
/// capability but the one that capture needs). Closing its standard input ends it.
/// </summary>
internal sealed class ListenerProcess : IListener
{
    private const int FirstUnprivilegedPort = 1024;

    /// <summary>The status with which setpriv and the listener end after a line that says why.</summary>
    private const int Reported = 1;

    private static readonly TimeSpan EndTimeout = TimeSpan.FromSeconds(2);

    private readonly int _generation;
    private readonly Process _process;
    private readonly PassedCapture _passed;
    private readonly DaemonEvents _events;
    private readonly DaemonLog _log;
    private volatile bool _hasReportedError;

    private ListenerProcess(int generation, Process process, PassedCapture passed, DaemonEvents events, DaemonLog log)
    {
        _generation = generation;
        _process = process;
        _passed = passed;
        _events = events;
        _log = log;
    }

    /// <summary>
    /// Starts it and hands it the setup, and the descriptor that the setup names. Its messages arrive at <paramref name="events"/>, its lines in the log.
    /// </summary>
    /// <exception cref="StartupException">It cannot be started.</exception>
    public static ListenerProcess Start(
        int generation,
        ServerConfig config,
        ListenerIdentity identity,
        ListenerSetup setup,
        PassedCapture passed,
        DaemonEvents events,
        DaemonLog log)
    {
        Process process = StartProgram(config, identity, setup, passed, log);
        ListenerProcess listener = new(generation, process, passed, events, log);
        listener.StartReaders();

        // A listener that does not read must not keep the daemon from its signals.
        new Thread(() => HandOver(setup, process)) { IsBackground = true, Name = "listener setup" }.Start();
        return listener;
    }

    /// <summary>Starts the program, confined, with what it inherits; all three of its standard streams are pipes.</summary>
    /// <exception cref="StartupException">It cannot be started.</exception>
    public static Process StartProgram(ServerConfig config, ListenerIdentity identity, ListenerSetup setup, PassedCapture passed, DaemonLog log)
    {
        string program = config.ListenerExe ?? Path.Combine(AppContext.BaseDirectory, "fwknopd-listener");
        if (!File.Exists(program))
        {
            throw new StartupException($"[*] {program} does not exist: install it beside fwknopd, or set LISTENER_EXE");
        }

        ProcessStartInfo start = CommandLine(program, config, identity, setup, log);
        try
        {
            return StartWith(passed, start);
        }
        catch (Win32Exception error)
        {
            throw new StartupException($"[*] {start.FileName} cannot be started: {error.Message}");
        }
    }

    /// <summary>Writes the setup to a listener that has been started. Its input stays open: the end of it would end the listener.</summary>
    public static void HandOver(ListenerSetup setup, Process process)
    {
        try
        {
            Stream input = process.StandardInput.BaseStream;
            setup.Write(input);
            input.Flush();
        }
        catch (Exception error) when (error is IOException or ObjectDisposedException)
        {
            // It ended before it had read everything, and its last words and its status say why; or we are stopping.
        }
    }

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

    private static Process StartWith(PassedCapture passed, ProcessStartInfo start)
    {
        lock (ProgramGate.Starting)
        {
            passed.Descriptor?.SetInherited(true);
            try
            {
                return Process.Start(start)!;
            }
            finally
            {
                passed.Descriptor?.SetInherited(false);
            }
        }
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
            _log.Error($"[*] fwknopd-listener (pid={_process.Id}) does not end and cannot be killed: {error.Message}");
        }
    }

    private static ProcessStartInfo CommandLine(
        string program, ServerConfig config, ListenerIdentity identity, ListenerSetup setup, DaemonLog log)
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
            log.Warning($"Warning: fwknopd-listener is NOT confined and parses packets with all rights of fwknopd: {reason}");
            start.FileName = program;
            start.ArgumentList.Add("--unconfined");
            return start;
        }

        string[] needed = [.. Capabilities(setup)];
        string capabilities = string.Join(",+", ["-all", .. needed]);
        start.FileName = Setpriv.Program;
        foreach (string argument in (string[])
            [
                $"--reuid={identity.Uid}", $"--regid={identity.Gid}", "--clear-groups", "--no-new-privs",
                $"--inh-caps={capabilities}", $"--ambient-caps={capabilities}", $"--bounding-set={capabilities}",
                "--", program, "--allow", needed.Length == 0 ? "none" : string.Join(',', needed),
            ])
        {
            start.ArgumentList.Add(argument);
        }

        return start;
    }

    /// <summary>What the listener cannot do without, by setpriv's names.</summary>
    private static IEnumerable<string> Capabilities(ListenerSetup setup)
    {
        if (setup.Capture == CaptureMode.Pcap)
        {
            yield return "net_raw";
        }

        if ((setup.Capture == CaptureMode.Udp && setup.UdpPort < FirstUnprivilegedPort) || setup.TcpPort is > 0 and < FirstUnprivilegedPort)
        {
            yield return "net_bind_service";
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

    private void StartReaders()
    {
        Thread lines = new(RelayLines) { IsBackground = true, Name = "listener log" };
        lines.Start();
        new Thread(() => ReadFrames(lines)) { IsBackground = true, Name = "listener messages" }.Start();
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

    private void ReadFrames(Thread lines)
    {
        Stream output = _process.StandardOutput.BaseStream;
        byte[] frame = new byte[GrantFrame.Size];
        try
        {
            while (output.ReadAtLeast(frame, frame.Length, throwOnEndOfStream: false) is var length and > 0)
            {
                if (!GrantFrame.TryRead(frame.AsSpan(0, length), out ListenerMessage? message))
                {
                    _events.Add(new DaemonEvent.ListenerFailed("fwknopd-listener sent something that is no message", Generation: _generation));
                    return;
                }

                // At once, for the packet waits; without a queue it is a message out of turn.
                if (message is ListenerMessage.Verdict verdict && _passed.TryGiveVerdict(verdict))
                {
                    continue;
                }

                _events.Add(new DaemonEvent.Received(message, _generation));
            }

            lines.Join(EndTimeout);
            _process.WaitForExit(EndTimeout);
            int? code = _process.HasExited ? _process.ExitCode : null;
            string status = code is null ? "it closed its output" : $"status {code}";
            _events.Add(new DaemonEvent.ListenerFailed($"fwknopd-listener has ended ({status})", code == Reported && _hasReportedError, _generation));
        }
        catch (Exception error) when (error is IOException or InvalidOperationException)
        {
            _events.Add(new DaemonEvent.ListenerFailed($"fwknopd-listener cannot be read: {error.Message}", Generation: _generation));
        }
    }
}
