using Fwknop.Configuration.Server;
using Fwknop.Daemon.Lifecycle;
using Fwknop.Daemon.Logging;
using Fwknop.Daemon.Programs;
using Fwknop.Grants;
using Fwknop.Native.Libc;

namespace Fwknop.Daemon.Listening;

/// <summary>
/// A child that handles what strangers send: fwknopd-listener, confined before its first instruction by <c>setpriv</c> (a user of its own, no groups, no new
/// privileges, no capability but those named), in a session of its own. Its setup goes to its standard input, which stays open: closing that ends it. Its lines go to the log.
/// </summary>
internal sealed class ConfinedProcess : IDisposable
{
    /// <summary>The program that is started, from the folder of fwknopd if LISTENER_EXE names no other; the log calls the process so.</summary>
    public const string Program = "fwknopd-listener";

    /// <summary>The status with which setpriv and the program end after a line that says why.</summary>
    private const int Reported = 1;

    private static readonly TimeSpan EndTimeout = TimeSpan.FromSeconds(2);

    private readonly string _name;
    private readonly uint _user;
    private readonly ChildProgram _process;
    private readonly DaemonLog _log;
    private readonly Thread _lines;
    private readonly bool _readsPackets;
    private volatile bool _hasReportedError;

    private ConfinedProcess(string name, ConfinedRights rights, ChildProgram process, DaemonLog log)
    {
        _name = name;
        _user = rights.Uid;
        _readsPackets = rights.Mode.Count == 0;
        _process = process;
        _log = log;
        _lines = new Thread(RelayLines) { IsBackground = true, Name = $"{name} log" };
        _lines.Start();
    }

    /// <summary>What it writes to its standard output.</summary>
    public Stream Output => _process.Output;

    /// <summary>Starts it.</summary>
    /// <param name="name">For the log.</param>
    /// <param name="config">Whether it is confined, and where the program is.</param>
    /// <param name="rights">As whom, and with which capabilities.</param>
    /// <param name="lent">Descriptors that it gets, from <see cref="ChildProgram.FirstLent"/> on.</param>
    /// <param name="writeSetup">Writes the setup; on a thread of its own, for a child that does not read must not keep the daemon from its signals.</param>
    /// <param name="log">Where its lines go.</param>
    /// <exception cref="StartupException">It cannot be started.</exception>
    public static ConfinedProcess Start(
        string name, ServerConfig config, ConfinedRights rights, IReadOnlyList<Descriptor> lent, Action<Stream> writeSetup, DaemonLog log)
    {
        string program = config.ListenerExe ?? Path.Combine(AppContext.BaseDirectory, Program);
        if (!File.Exists(program))
        {
            throw new StartupException($"[*] {program} does not exist: install it beside fwknopd, or set LISTENER_EXE");
        }

        ChildStart start = CommandLine(name, program, config, rights, log) with { HasPipes = true, Lent = lent };
        if (ChildProgram.TryStart(start, out Errno error) is not { } process)
        {
            throw new StartupException($"[*] {start.Path} cannot be started: {error.Text}");
        }

        ConfinedProcess child = new(name, rights, process, log);
        new Thread(() => child.HandOver(writeSetup)) { IsBackground = true, Name = $"{name} setup" }.Start();
        return child;
    }

    /// <summary>Asks it, by a byte on its input, to finish what it has begun and to end.</summary>
    public void TellToFinish() =>
        new Thread(() => HandOver(input => input.WriteByte(0))) { IsBackground = true, Name = $"{_name} end" }.Start();

    /// <summary>Closes its input.</summary>
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

    /// <summary>After the end of its output: how it has ended.</summary>
    public ConfinedEnd WaitForEnd()
    {
        _lines.Join(EndTimeout);
        _process.WaitForEnd(EndTimeout);
        int? status = _process.Status;
        string how = status is null ? "it closed its output" : $"status {status}";
        return new ConfinedEnd($"{_name} has ended ({how})", status, status == Reported && _hasReportedError);
    }

    /// <summary>Ends the process: by closing its input, and by force if that does not help.</summary>
    public void Dispose()
    {
        TellToEnd();
        if (!_process.WaitForEnd(EndTimeout))
        {
            Kill();
        }

        // What it has said last may still be in its pipe.
        _lines.Join(EndTimeout);
        _process.Dispose();
    }

    private void Kill()
    {
        bool mayKill = _process.TryKill(_user, out Errno error);
        if (!mayKill || !_process.WaitForEnd(EndTimeout))
        {
            _log.Error($"[*] {_name} (pid={_process.Id}) does not end and cannot be killed: {error.Text}");
        }
    }

    private static ChildStart CommandLine(string name, string program, ServerConfig config, ConfinedRights rights, DaemonLog log)
    {
        if (WhyNotConfined(config) is { } reason)
        {
            log.Warning($"Warning: {name} is NOT confined and parses packets with all rights of fwknopd: {reason}");
            return new ChildStart(program, [.. rights.Mode, "--unconfined"], [.. Variables()]);
        }

        string[] arguments =
        [
            .. Setpriv.Confine(rights.Uid, rights.Gid, rights.Capabilities), program, .. rights.Mode, "--allow", rights.Capabilities.Count == 0 ? "none" : string.Join(',', rights.Capabilities),
        ];
        return new ChildStart(Setpriv.Program, arguments, [.. Variables()]);
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
        yield return $"PATH={ExternalCommand.SafePath}";
        if (Environment.GetEnvironmentVariable("TZ") is { } zone)
        {
            yield return $"TZ={zone}";
        }
    }

    private void HandOver(Action<Stream> writeSetup)
    {
        try
        {
            // Not closed: the end of the input would end it.
            writeSetup(_process.Input);
        }
        catch (Exception error) when (error is IOException or ObjectDisposedException)
        {
            // It ended before it had read everything, and its last words and its status say why; or we are stopping.
        }
    }

    private void RelayLines()
    {
        using StreamReader reader = new(_process.Errors);
        BoundedLines.Relay(reader, line =>
        {
            LogLine parsed = LogLine.Parse(line);
            _hasReportedError |= parsed.Level == LogLevel.Error;
            if (_readsPackets)
            {
                _log.Relay(parsed);
            }
            else
            {
                // It belongs to a user of the machine: what is said of packets, which others act on, is never its own.
                _log.Write(parsed.Level, $"Decryptor: {parsed.Text}");
            }
        });
    }
}
