using System.Text.RegularExpressions;

namespace Fwknop.TestSupport;

/// <summary>
/// An fwknopd, ours or the reference, running in the foreground in a namespace with a configuration of its own.
/// Disposing kills it; the firewall goes with the namespace.
/// </summary>
public sealed class SpaDaemon : IDisposable
{
    private const string ReadyLine = "Starting fwknopd main event loop";

    // The last thing the reference says in this mode.
    private const string ReferenceUdpReadyLine = "Kicking off UDP server to listen on port";

    private readonly TemporaryFolder _folder;

    private SpaDaemon(TemporaryFolder folder, string runFolder, RunningProcess process)
    {
        _folder = folder;
        RunFolder = runFolder;
        Process = process;
    }

    public RunningProcess Process { get; }

    /// <summary>Standard error, where a daemon in the foreground logs.</summary>
    public string Log => Process.Errors;

    /// <summary>FWKNOP_RUN_DIR: pid file and digest cache.</summary>
    public string RunFolder { get; }

    /// <summary>The process that reads packets, of a daemon that has two; null when it is not running.</summary>
    public int? ListenerId => Process.Children()
        .Where(child => ProcessTable.CommandLine(child).Contains("fwknopd-listener", StringComparison.Ordinal))
        .Select(child => (int?)child).FirstOrDefault();

    /// <summary>A path beside its configuration files, fwknopd.conf and access.conf.</summary>
    public string PathOf(string name) => _folder.FilePath(name);

    /// <summary>Replaces one of them.</summary>
    public void Write(string name, string content) => _folder.Write(name, content);

    /// <summary>Starts the program without waiting for anything.</summary>
    public static SpaDaemon Launch(string program, NetworkNamespace space, DaemonSetup setup)
    {
        var folder = new TemporaryFolder();
        string runFolder = setup.RunFolder ?? folder.FilePath("run");
        string access = folder.Write("access.conf", setup.Access);
        string configuration = folder.Write("fwknopd.conf", setup.Configuration
            + $"\nFWKNOP_RUN_DIR {runFolder};\nPCAP_INTF {setup.Device};\n");
        return new SpaDaemon(folder, runFolder, RunningProcess.Start(
            new ProcessCommand(program, ["-f", "-c", configuration, "-a", access, .. setup.Arguments])
            {
                Namespace = space,
                Environment = setup.Environment,
            }));
    }

    /// <summary>Starts the program and waits until it says that it sees packets.</summary>
    public static SpaDaemon Start(string program, NetworkNamespace space, DaemonSetup setup, TimeSpan? timeout = null)
    {
        SpaDaemon daemon = Launch(program, space, setup);
        try
        {
            bool isReferenceUdp = program == Reference.DaemonProgram && setup.Arguments.Contains("-U");
            daemon.WaitForLog(isReferenceUdp ? ReferenceUdpReadyLine : ReadyLine, timeout);
            return daemon;
        }
        catch
        {
            daemon.Dispose();
            throw;
        }
    }

    /// <summary>See <see cref="RunningProcess.WaitForLine"/>.</summary>
    public string WaitForLog(string pattern, TimeSpan? timeout = null, int after = 0) => Process.WaitForLine(pattern, timeout, after);

    /// <summary>
    /// Does something (such as sending a packet) and returns the first new line that matches; for several packets one after the other.
    /// </summary>
    public string LogAfter(string pattern, Action action, TimeSpan? timeout = null)
    {
        int before = Process.CountLines(pattern);
        action();
        return WaitForLog(pattern, timeout, before);
    }

    /// <summary>Waits until the daemon has granted <paramref name="request"/> (a regular expression) once more than before.</summary>
    public string GrantAfter(string request, Action action, TimeSpan? timeout = null) =>
        LogAfter($"Added .* {request}, expires at [0-9]+$", action, timeout);

    /// <summary>From here on it reads no packet and does not end by itself.</summary>
    public bool SuspendListener() => LibC.Kill(ListenerId!.Value, (int)Signal.Stop);

    /// <summary>SIGTERM, and the exit status.</summary>
    public int Stop(TimeSpan? timeout = null)
    {
        Process.Send(Signal.Terminate);
        return Process.WaitForExit(timeout);
    }

    /// <summary>SIGKILL: nothing is closed or taken away.</summary>
    public void Crash()
    {
        Process.Send(Signal.Kill);
        Process.WaitForExit();
    }

    /// <summary>Expiry second in a line about a grant.</summary>
    public static long ExpiryIn(string line) =>
        long.Parse(Regex.Match(line, "(?:expires at|expire time of) ([0-9]+)").Groups[1].ValueSpan, provider: null);

    public void Dispose()
    {
        Process.Dispose();
        _folder.Dispose();
    }
}
