using Fwknop.Configuration.Server;
using Fwknop.Daemon.Commands;
using Fwknop.Daemon.Logging;
using Fwknop.Grants;
using Fwknop.Native.Libc;

namespace Fwknop.Daemon.Lifecycle;

/// <summary>
/// fwknopd-listener as a child: confined before its first instruction by <c>setpriv</c> (own user, no groups, no new privileges, no
/// capability but the one that capture needs), in a session of its own. Closing its standard input ends it.
/// </summary>
internal sealed class ListenerProcess : IListener
{
    private const int FirstUnprivilegedPort = 1024;

    /// <summary>The status with which setpriv and the listener end after a line that says why.</summary>
    private const int Reported = 1;

    private static readonly TimeSpan EndTimeout = TimeSpan.FromSeconds(2);

    private readonly int _generation;
    private readonly uint _user;
    private readonly ChildProgram _process;
    private readonly PassedCapture _passed;
    private readonly DaemonEvents _events;
    private readonly DaemonLog _log;
    private volatile bool _hasReportedError;

    private ListenerProcess(int generation, uint user, ChildProgram process, PassedCapture passed, DaemonEvents events, DaemonLog log)
    {
        _generation = generation;
        _user = user;
        _process = process;
        _passed = passed;
        _events = events;
        _log = log;
    }

    /// <summary>
    /// Starts it and hands it the setup, and the descriptor that the setup names. Its messages arrive at <paramref name="events"/>, its lines in the log.
    /// </summary>
    /// <exception cref="StartupException">It cannot be started, or not be confined as it is to be.</exception>
    public static ListenerProcess Start(
        int generation,
        ServerConfig config,
        ListenerIdentity identity,
        ListenerSetup setup,
        PassedCapture passed,
        DaemonEvents events,
        DaemonLog log)
    {
        string program = config.ListenerExe ?? Path.Combine(AppContext.BaseDirectory, "fwknopd-listener");
        if (!File.Exists(program))
        {
            throw new StartupException($"[*] {program} does not exist: install it beside fwknopd, or set LISTENER_EXE");
        }

        ChildStart start = CommandLine(program, config, identity, setup, log) with { HasPipes = true, Lent = passed.Descriptor };
        if (ChildProgram.TryStart(start, out Errno error) is not { } process)
        {
            throw new StartupException($"[*] {start.Path} cannot be started: {error.Text}");
        }

        ListenerProcess listener = new(generation, identity.Uid, process, passed, events, log);
        listener.StartReaders();

        // A listener that does not read must not keep the daemon from its signals.
        new Thread(() => listener.HandOver(setup)) { IsBackground = true, Name = "listener setup" }.Start();
        return listener;
    }

    public void TellToEnd()
    {
        try
        {
            _process.Input.Close();
        }
        catch (IOException)
        {
            // It has ended already.
        }
    }

    /// <summary>Ends the process: by closing its input, and by force if that does not help.</summary>
    public void Dispose()
    {
        TellToEnd();
        if (!_process.WaitForEnd(EndTimeout))
        {
            Kill();
        }

        _process.Dispose();
    }

    private void Kill()
    {
        bool mayKill = _process.TryKill(_user, out Errno error);
        if (!mayKill || !_process.WaitForEnd(EndTimeout))
        {
            _log.Error($"[*] fwknopd-listener (pid={_process.Id}) does not end and cannot be killed: {error.Text}");
        }
    }

    private static ChildStart CommandLine(string program, ServerConfig config, ListenerIdentity identity, ListenerSetup setup, DaemonLog log)
    {
        if (WhyNotConfined(config) is { } reason)
        {
            log.Warning($"Warning: fwknopd-listener is NOT confined and parses packets with all rights of fwknopd: {reason}");
            return new ChildStart(program, ["--unconfined"], [.. Variables()]);
        }

        string[] needed = [.. Capabilities(setup)];
        string capabilities = string.Join(",+", ["-all", .. needed]);
        string[] arguments =
        [
            $"--reuid={identity.Uid}", $"--regid={identity.Gid}", "--clear-groups", "--no-new-privs",
            $"--inh-caps={capabilities}", $"--ambient-caps={capabilities}", $"--bounding-set={capabilities}",
            "--", program, "--allow", needed.Length == 0 ? "none" : string.Join(',', needed),
        ];
        return new ChildStart(Setpriv.Program, arguments, [.. Variables()]);
    }

    /// <summary>What the listener cannot do without, by setpriv's names.</summary>
    private static IEnumerable<string> Capabilities(ListenerSetup setup)
    {
        if (setup.Capture == CaptureMode.Pcap)
        {
            yield return "net_raw";
        }

        if (setup.TcpPort is > 0 and < FirstUnprivilegedPort)
        {
            yield return "net_bind_service";
        }
    }

    private static string? WhyNotConfined(ServerConfig config) =>
        !config.SeparatesPrivileges ? "PRIVILEGE_SEPARATION N"
        : !Environment.IsPrivilegedProcess ? "fwknopd is not root, so it cannot change user"
        : Setpriv.WhyMissing is { } reason ? throw new StartupException(
            $"[*] {reason}: without it fwknopd-listener would parse packets as root. Install it, or accept that with PRIVILEGE_SEPARATION N")
        : null;

    private static IEnumerable<string> Variables()
    {
        // No inherited settings; the runtime's diagnostics port would be a way into the process.
        yield return "DOTNET_EnableDiagnostics=0";
        yield return "PATH=/usr/sbin:/usr/bin:/sbin:/bin";
        if (Environment.GetEnvironmentVariable("TZ") is { } zone)
        {
            yield return $"TZ={zone}";
        }
    }

    private void HandOver(ListenerSetup setup)
    {
        try
        {
            // Not closed: the end of the input would end the listener.
            setup.Write(_process.Input);
        }
        catch (Exception error) when (error is IOException or ObjectDisposedException)
        {
            // It ended before it had read everything, and its last words and its status say why; or we are stopping.
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
            using StreamReader reader = new(_process.Errors);
            BoundedLines lines = new(reader);
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
        Stream output = _process.Output;
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
            _process.WaitForEnd(EndTimeout);
            int? code = _process.Status;
            string status = code is null ? "it closed its output" : $"status {code}";
            _events.Add(new DaemonEvent.ListenerFailed($"fwknopd-listener has ended ({status})", code == Reported && _hasReportedError, _generation));
        }
        catch (Exception error) when (error is IOException or InvalidOperationException)
        {
            _events.Add(new DaemonEvent.ListenerFailed($"fwknopd-listener cannot be read: {error.Message}", Generation: _generation));
        }
    }
}
