using Fwknop.Configuration;
using Fwknop.Configuration.Server;
using Fwknop.Daemon.Control;
using Fwknop.Daemon.Enforcement;
using Fwknop.Daemon.Ledger;
using Fwknop.Daemon.Logging;
using Fwknop.Grants;

namespace Fwknop.Daemon.Lifecycle;

/// <summary>Puts a reading of the configuration to work: run directory, lock, record of packets, firewall, listener (server.md 2.1).</summary>
internal sealed class GenerationStart(ConfigurationSource source, ServerOptions options, DaemonEvents events, DaemonLog log) : IGenerationSource
{
    // Without LISTENER_USER any unused id does; but sockets are handed on only between processes of one user.
    private ListenerIdentity? _unusedIdentity;
    private int _last;

    /// <summary>The first generation.</summary>
    /// <exception cref="StartupException">It cannot start; nothing is left behind.</exception>
    public Generation StartFirst(DaemonConfiguration configuration)
    {
        InstanceLock? instance = null;
        ControlSocket? control = null;
        DigestCache? ledger = null;
        try
        {
            RunDirectory.Ensure(configuration.Server.RunDirectory, log);
            instance = InstanceLock.Acquire(configuration.Server.PidFile);
            log.Info("Starting fwknopd");
            control = ControlSocket.TryOpen(configuration.Server.PidFile, events, log);
            ledger = OpenLedger(configuration.Server, previous: null);
            return Start(0, configuration, (instance, control), ledger, CreateFirewall(configuration.Server), OpenPassed(configuration.Server));
        }
        catch
        {
            ledger?.Dispose();
            control?.Dispose();
            instance?.Dispose();
            throw;
        }
    }

    public Generation? TryStartNext(Generation present)
    {
        Loaded<DaemonConfiguration> read = source.Read();
        log.Write(read.Diagnostics);
        if (read.HasErrors)
        {
            return null;
        }

        try
        {
            return StartNext(read.Value, present);
        }
        catch (StartupException error)
        {
            read.Value.Dispose();
            log.Error(error.Message);
            return null;
        }
    }

    public void Establish(Generation generation)
    {
        MessageLocale.Set(generation.Config, log);
        log.Change(generation.Config.Verbosity, LogDestinations.Of(generation.Config, options));
    }

    private Generation StartNext(DaemonConfiguration configuration, Generation present)
    {
        ServerConfig config = configuration.Server;
        InstanceLock? instance = present.Instance;
        ControlSocket? control = present.Control;
        DigestCache? ledger = null;
        IFirewall? firewall = null;
        try
        {
            RightsCheck.Require(config, options);
            RunDirectory.Ensure(config.RunDirectory, log);
            instance = present.Instance?.Covers(config.PidFile) == true ? present.Instance : InstanceLock.Acquire(config.PidFile);
            if (control is null || instance != present.Instance)
            {
                control = ControlSocket.TryOpen(config.PidFile, events, log);
            }

            ledger = OpenLedger(config, present);
            firewall = Firewalls.AreSame(config, present.Config) ? present.Firewall : CreateFirewall(config);
            return Start(++_last, configuration, (instance, control), ledger, firewall, OpenPassed(config, present));
        }
        catch
        {
            ledger?.Dispose();
            if (firewall != present.Firewall)
            {
                firewall?.Dispose();
            }

            if (control != present.Control)
            {
                control?.Dispose();
            }

            if (instance != present.Instance)
            {
                instance?.Dispose();
            }

            throw;
        }
    }

    private static PassedCapture OpenPassed(ServerConfig config) => PassedCapture.Open(config, CaptureModes.Of(config));

    /// <summary>A queue has one reader: it is handed on, or the daemon must be started anew.</summary>
    private static PassedCapture OpenPassed(ServerConfig config, Generation present)
    {
        bool usesQueue = CaptureModes.Of(config) == CaptureMode.Queue;
        if (usesQueue != (CaptureModes.Of(present.Config) == CaptureMode.Queue) || (usesQueue && config.Queue != present.Config.Queue))
        {
            throw new StartupException("[*] NFQUEUE capture cannot be turned on or off, nor its NFQ_* settings changed, by SIGHUP: restart fwknopd");
        }

        return usesQueue ? present.Passed! : OpenPassed(config);
    }

    private Generation Start(
        int number,
        DaemonConfiguration configuration,
        (InstanceLock? Lock, ControlSocket? Control) instance,
        DigestCache? ledger,
        IFirewall firewall,
        PassedCapture passed)
    {
        ServerConfig config = configuration.Server;
        ListenerIdentity identity = config.ListenerUser is null ? _unusedIdentity ??= ListenerIdentity.Find(null) : ListenerIdentity.Find(config.ListenerUser);
        return new Generation
        {
            Number = number,
            Config = config,
            Policy = configuration.Access,
            Firewall = firewall,
            Ledger = ledger,
            Instance = instance.Lock,
            Control = instance.Control,
            Passed = passed,
            Listener = ListenerProcess.Start(number, config, identity, MakeSetup(configuration, ledger, passed), passed, events, log),
        };
    }

    private DigestCache? OpenLedger(ServerConfig config, Generation? previous)
    {
        if (!config.DetectsReplays || options.IsTest)
        {
            return null;
        }

        if (options.RotatesDigestCache && previous is null)
        {
            DigestRotation.Rotate(config, log);
        }

        DigestCache ledger = DigestOpening.Open(config, log);
        try
        {
            if (previous?.Ledger is not null && previous.Config.DigestFile != config.DigestFile)
            {
                ledger.TakeOver(previous.Config.DigestFile, log);
            }

            return ledger;
        }
        catch
        {
            ledger.Dispose();
            throw;
        }
    }

    private IFirewall CreateFirewall(ServerConfig config)
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

    private ListenerSetup MakeSetup(DaemonConfiguration configuration, DigestCache? ledger, PassedCapture passed)
    {
        ServerConfig config = configuration.Server;
        return new ListenerSetup
        {
            Capture = CaptureModes.Of(config),
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
            StartedAt = TimeProvider.System.GetUtcNow().ToUnixTimeSeconds(),
            UsesOldLogTexts = config.UsesOldLogTexts,
            Verbosity = config.Verbosity,
            Stanzas = configuration.Access.Stanzas,
            Seen = ledger?.Records ?? [],
        };
    }
}
