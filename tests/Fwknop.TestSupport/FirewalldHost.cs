namespace Fwknop.TestSupport;

/// <summary>
/// A real firewalld in a network namespace, with a D-Bus, a configuration and a /run of its own: the machine's own never hears of it. Its default zone,
/// <see cref="Zone"/>, drops what comes in, but for <see cref="OpenPort"/>; the zone <see cref="InsideZone"/> lets everything in.
/// </summary>
public sealed class FirewalldHost : IDisposable
{
    /// <summary>The default zone.</summary>
    public const string Zone = "outside";

    /// <summary>A zone for interfaces behind it.</summary>
    public const string InsideZone = "inside";

    /// <summary>For everybody.</summary>
    public const int OpenPort = 8000;

    private static readonly TimeSpan StartTime = TimeSpan.FromSeconds(30);

    private readonly TemporaryFolder _folder = new();
    private readonly NetworkNamespace _space;
    private readonly RunningProcess _bus;
    private RunningProcess _firewalld;

    /// <param name="space">Where it runs.</param>
    /// <param name="usesIptables">FirewallBackend=iptables, as older systems have it; otherwise nftables.</param>
    public FirewalldHost(NetworkNamespace space, bool usesIptables = false)
    {
        _space = space;
        _folder.Write("etc/firewalld.conf", $"""
            DefaultZone={Zone}
            CleanupOnExit=yes
            CleanupModulesOnExit=no
            Lockdown=no
            IPv6_rpfilter=no
            FirewallBackend={(usesIptables ? "iptables" : "nftables")}
            FlushAllOnReload=yes

            """);
        WriteZone(Zone, $"<zone target=\"DROP\"><port port=\"{OpenPort}\" protocol=\"tcp\"/></zone>");
        WriteZone(InsideZone, "<zone target=\"ACCEPT\"></zone>");
        string configuration = _folder.Write("bus.conf", $"""
            <!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN" "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
            <busconfig>
              <type>system</type>
              <listen>{Address}</listen>
              <auth>EXTERNAL</auth>
              <policy user="root"><allow own="*"/><allow send_destination="*"/><allow receive_sender="*"/></policy>
            </busconfig>

            """);

        // What is told to firewall-cmd alone is not told to fwknopd, whose children get an environment of their own.
        Executable = WriteProgram("firewall-cmd", $"DBUS_SYSTEM_BUS_ADDRESS={Address} exec /usr/bin/firewall-cmd \"$@\"");
        _bus = space.Start("dbus-daemon", "--nofork", "--nopidfile", $"--config-file={configuration}");
        try
        {
            Deadline.WaitUntil(() => File.Exists(_folder.FilePath("bus")) || _bus.HasExited, StartTime, "dbus-daemon");
            _firewalld = StartFirewalld();
        }
        catch
        {
            _bus.Dispose();
            _folder.Dispose();
            throw;
        }
    }

    /// <summary>firewall-cmd that speaks to it, for FIREWALL_EXE.</summary>
    public string Executable { get; }

    private string Address => $"unix:path={_folder.FilePath("bus")}";

    /// <summary>firewall-cmd, which must succeed.</summary>
    public string Command(params IReadOnlyList<string> arguments) => _space.RunChecked(Executable, arguments).Output;

    /// <summary>The rich rules of a zone, one a line.</summary>
    public IReadOnlyList<string> RichRules(string zone = Zone) =>
        Command($"--zone={zone}", "--list-rich-rules").Split('\n', StringSplitOptions.RemoveEmptyEntries);

    /// <summary>What is not permanent goes.</summary>
    public void Reload() => Command("--reload");

    /// <summary>It does not answer any more, and goes on when <paramref name="isStuck"/> is false.</summary>
    public void Suspend(bool isStuck) => _firewalld.Send(isStuck ? Signal.Stop : Signal.Continue);

    /// <summary>kill -9: rules stay, and nobody ends them.</summary>
    public void Kill()
    {
        _firewalld.Send(Signal.Kill);
        _firewalld.WaitForExit();
    }

    public void StartAgain()
    {
        _firewalld.Dispose();
        _firewalld = StartFirewalld();
    }

    public void Dispose()
    {
        _firewalld.Dispose();
        _bus.Dispose();
        _folder.Dispose();
    }

    private RunningProcess StartFirewalld()
    {
        string program = WriteProgram("start", $"""
            mount -t tmpfs tmpfs /run || exit
            DBUS_SYSTEM_BUS_ADDRESS={Address} exec /usr/sbin/firewalld --nofork --nopid --system-config {_folder.FilePath("etc")} --log-target console
            """);
        RunningProcess firewalld = _space.Start("unshare", "--mount", "--propagation", "private", program);
        try
        {
            Deadline.WaitUntil(() => firewalld.HasExited || _space.Run(Executable, "--state").ExitCode == 0, StartTime, "firewalld");
            return firewalld.HasExited ? throw new InvalidOperationException(firewalld.Describe()) : firewalld;
        }
        catch
        {
            firewalld.Dispose();
            throw;
        }
    }

    private void WriteZone(string name, string definition) => _folder.Write($"etc/zones/{name}.xml", $"<?xml version=\"1.0\" encoding=\"utf-8\"?>\n{definition}\n");

    /// <summary>By another process: while this one had it open for writing, a fork of another test would inherit that ("text file busy").</summary>
    private string WriteProgram(string name, string script)
    {
        string text = _folder.Write($"{name}.txt", $"#!/bin/sh\n{script}\n");
        ProcessRun.RunChecked(new ProcessCommand("install", ["-m", "700", text, _folder.FilePath(name)]));
        return _folder.FilePath(name);
    }
}
