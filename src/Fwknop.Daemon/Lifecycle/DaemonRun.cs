using Fwknop.Configuration.Access;
using Fwknop.Configuration.Server;
using Fwknop.Daemon.Enforcement;
using Fwknop.Daemon.Enforcement.Iptables;
using Fwknop.Daemon.Ledger;
using Fwknop.Grants;
using Fwknop.Native.Libc;

namespace Fwknop.Daemon.Lifecycle;

/// <summary>
/// The daemon from start to stop (server.md 2). The listener captures before the firewall is touched, and packets wait in its pipe: if
/// capture fails nothing has changed, and when the daemon says it is ready a packet is neither lost nor without effect.
/// </summary>
internal sealed class DaemonRun(ServerConfig config, AccessPolicy policy, ServerOptions options, DaemonLog log)
{
    /// <summary>Runs until told to stop.</summary>
    /// <returns>The exit status.</returns>
    /// <exception cref="StartupException">It cannot start; nothing is left behind.</exception>
    public int Run()
    {
        CurrentProcess.IsDumpable = false;
        CurrentProcess.KeepDescriptorsFromChildren();
        RequireRights();
        RunDirectory.Ensure(config.RunDirectory, log);
        using DaemonEvents events = new();
        using StopSignals signals = new(events);
        using FileLock instance = InstanceLock.Acquire(config.PidFile);
        log.Info("Starting fwknopd");
        using DigestCache? ledger = config.DetectsReplays && !options.IsTest ? DigestCache.Open(config.DigestFile, log) : null;
        using IFirewall firewall = CreateFirewall();
        using PassedCapture passed = PassedCapture.Open(config, CaptureMode);
        using ListenerProcess listener = ListenerProcess.Start(config, MakeSetup(ledger, passed), passed, events, log);
        DaemonLoop loop = new(config, options.PacketLimit, policy, events, firewall, ledger, log);
        int? failure = loop.WaitUntilReady();

        // The listener has the keys now; what is left of the stanzas here are their limits.
        policy.Dispose();
        using QueueRules? rules = failure is null && CaptureMode == CaptureMode.Queue ? InstallQueueRules() : null;
        return failure ?? (options.IsTest || TryPrepare(firewall) ? loop.Run() : 1);
    }

    private CaptureMode CaptureMode => config.UsesUdpServer ? CaptureMode.Udp
        : config.UsesQueue ? CaptureMode.Queue
        : config.PcapFile is not null ? CaptureMode.File
        : CaptureMode.Pcap;

    private void RequireRights()
    {
        bool changesFirewall = config.FirewallType != FirewallType.None && !options.IsTest;
        if (!Environment.IsPrivilegedProcess && (changesFirewall || CaptureMode is CaptureMode.Pcap or CaptureMode.Queue))
        {
            throw new StartupException("[*] fwknopd must be started by root: it captures packets and changes the firewall");
        }
    }

    private IFirewall CreateFirewall()
    {
        try
        {
            return options.IsTest ? new NoFirewall(log) : Firewalls.Create(config, log);
        }
        catch (FirewallException error)
        {
            throw new StartupException($"[*] {error.Message}");
        }
    }

    /// <summary>In --test too: without them there would be no packets to test with.</summary>
    private QueueRules InstallQueueRules()
    {
        try
        {
            return QueueRules.Install(config.Queue, config.FirewallExe, log);
        }
        catch (FirewallException error)
        {
            throw new StartupException($"[*] {error.Message}");
        }
    }

    private bool TryPrepare(IFirewall firewall)
    {
        try
        {
            firewall.Prepare(Expiry.Moment.Now(TimeProvider.System));
            log.Info($"Firewall: {firewall.Description}");
            return true;
        }
        catch (FirewallException error)
        {
            log.Error($"[*] {error.Message}");
            return false;
        }
    }

    private ListenerSetup MakeSetup(DigestCache? ledger, PassedCapture passed) => new()
    {
        Capture = CaptureMode,
        PcapFile = config.PcapFile ?? "",
        Descriptor = passed.Descriptor?.Number ?? -1,
        QueueNumber = (ushort)config.Queue.Queue,
        Interfaces = config.CaptureInterfaces,
        Filter = config.PcapFilter,
        Promiscuous = config.IsPromiscuous,
        AnyDirection = config.CapturesAnyDirection,
        SnapLength = config.SnapLength,
        ExitAtInterfaceDown = config.ExitsAtInterfaceDown,
        UdpPort = (ushort)config.UdpServerPort,
        UdpAddress = config.UdpServerAddress,
        TcpPort = config.UsesTcpServer ? (ushort)config.TcpServerPort : (ushort)0,
        TcpAddress = config.TcpServerAddress,
        PacketLimit = options.PacketLimit,
        MaxPacketAge = config.ChecksPacketAge ? config.MaxPacketAge : null,
        DetectReplays = config.DetectsReplays,
        AcceptHttp = config.AcceptsHttp,
        AllowAnyUserAgent = config.AllowsAnyUserAgent,
        TrustedProxies = config.ReadsForwardedFor ? config.TrustedProxies : null,
        TestMode = options.IsTest,
        Verbosity = config.Verbosity,
        Stanzas = policy.Stanzas,
        Seen = ledger?.Records ?? [],
    };
}
