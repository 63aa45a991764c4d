using Fwknop.Configuration;
using Fwknop.Configuration.Server;
using Fwknop.Daemon.Commands;
using Fwknop.Daemon.Control;
using Fwknop.Daemon.Enforcement;
using Fwknop.Daemon.Ledger;
using Fwknop.Daemon.Listening;
using Fwknop.Daemon.Logging;
using Fwknop.Grants;
using Fwknop.Native.Libc;

namespace Fwknop.Daemon.Lifecycle;

/// <summary>Puts a reading of the configuration to work: run directory, lock, record of packets, firewall, listener (server.md 2.1).</summary>
internal sealed class GenerationStart(ConfigurationSource source, ServerOptions options, DaemonEvents events, DaemonLog log) : IGenerationSource
{
    // Without LISTENER_USER any unused id does; but sockets are handed on only between processes of one user.
    private ListenerIdentity? _unusedIdentity;
    private int _last;
    private string _journal = "";

    /// <summary>Makes this the one daemon of its run directory.</summary>
    /// <exception cref="StartupException">There is another one, or the folder cannot be used.</exception>
    public InstanceLock Claim(ServerConfig config)
    {
        RunDirectory.Ensure(config.RunDirectory, log);
        InstanceLock instance = InstanceLock.Acquire(config.PidFile);
        log.Info("Starting fwknopd", new LogEvent(LogEventKind.DaemonStarting));
        return instance;
    }

    /// <summary>The first generation.</summary>
    /// <param name="configuration">The first reading.</param>
    /// <param name="instance">The lock, which belongs to the generation when it has started.</param>
    /// <exception cref="StartupException">It cannot start; nothing is left behind.</exception>
    public Generation StartFirst(DaemonConfiguration configuration, InstanceLock instance)
    {
        _journal = CycleJournal.PlaceOf(configuration.Server);
        return Start(configuration, present: null, instance);
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
        RightsCheck.Require(config, options);
        RequireSameJournal(configuration);
        RunDirectory.Ensure(config.RunDirectory, log);
        bool isSame = present.Instance?.Covers(config.PidFile) == true;
        InstanceLock instance = isSame ? present.Instance! : InstanceLock.Acquire(config.PidFile);
        try
        {
            return Start(configuration, present, instance);
        }
        catch when (!isSame)
        {
            instance.Dispose();
            throw;
        }
    }

    /// <summary>Opens and starts what the generation needs; what the present one has and fits is handed on.</summary>
    private Generation Start(DaemonConfiguration configuration, Generation? present, InstanceLock instance)
    {
        ServerConfig config = configuration.Server;
        using Unwinding opened = new();
        ControlSocket? control = instance == present?.Instance && present.Control is { } kept
            ? kept
            : opened.Add(ControlSocket.TryOpen(config.PidFile, events, log));
        DigestCache? ledger = opened.Add(OpenLedger(config, present));
        IFirewall firewall = present is not null && Firewalls.AreSame(config, present.Config) ? present.Firewall : opened.Add(CreateFirewall(config));
        PassedCapture passed = IsHandedOn(config, present?.Config) ? present!.Passed! : opened.Add(PassedCapture.Open(config, CaptureModes.Of(config), log));
        ListenerIdentity identity = IdentityOf(config);
        int number = present is null ? 0 : ++_last;
        Decryptors decryptors = opened.Add(
            Decryptors.Start(config, KeyringPlan.Make(configuration.Access, config, identity, log), FirstSocket(passed), log));
        ListenerProcess listener = ListenerProcess.Start(
            number,
            config,
            identity,
            ListenerSetups.ToCapture(configuration, options, passed, decryptors, ledger?.Records ?? []),
            passed,
            decryptors.ListenerEnds,
            events,
            log);
        decryptors.CloseListenerEnds();
        opened.Keep();
        return new Generation
        {
            Number = number,
            Config = config,
            Policy = configuration.Access,
            Firewall = firewall,
            Ledger = ledger,
            Instance = instance,
            Control = control,
            Passed = passed,
            Decryptors = decryptors,
            Listener = listener,
        };
    }

    private ListenerIdentity IdentityOf(ServerConfig config) =>
        config.ListenerUser is null ? _unusedIdentity ??= ListenerIdentity.Find(null) : ListenerIdentity.Find(config.ListenerUser);

    /// <summary>The next start looks for pending closes in the place of its own configuration.</summary>
    private void RequireSameJournal(DaemonConfiguration next)
    {
        if (CycleJournal.PlaceOf(next.Server) != _journal && (next.Access.HasCloses || File.Exists(_journal)))
        {
            throw new StartupException($"[*] FWKNOP_RUN_DIR cannot be changed by SIGHUP where there are command cycles, whose pending closes are in '{_journal}': restart fwknopd");
        }
    }

    /// <summary>
    /// A queue has one reader: it is handed on, or the daemon must be started anew. A socket is handed on with the packets that wait in it, and both listeners
    /// read from it until the old one has ended.
    /// </summary>
    private static bool IsHandedOn(ServerConfig config, ServerConfig? present)
    {
        if (present is null)
        {
            return false;
        }

        bool usesQueue = CaptureModes.Of(config) == CaptureMode.Queue;
        if (usesQueue != (CaptureModes.Of(present) == CaptureMode.Queue) || (usesQueue && config.Queue != present.Queue))
        {
            throw new StartupException("[*] NFQUEUE capture cannot be turned on or off, nor its NFQ_* settings changed, by SIGHUP: restart fwknopd");
        }

        return usesQueue || HasSameUdpServer(config, present);
    }

    private static bool HasSameUdpServer(ServerConfig config, ServerConfig present) =>
        CaptureModes.Of(config) == CaptureMode.Udp && CaptureModes.Of(present) == CaptureMode.Udp
        && config.UdpServerPort == present.UdpServerPort && Equals(config.UdpServerAddress, present.UdpServerAddress);

    /// <summary>What the listener is lent to capture comes first.</summary>
    private static int FirstSocket(PassedCapture passed) => ChildProgram.FirstLent + (passed.Descriptor is null ? 0 : 1);

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
}
