using System.Globalization;
using Fwknop.Configuration.Server;
using Fwknop.Daemon.Commands;
using Fwknop.Daemon.Enforcement;
using Fwknop.Daemon.Enforcement.Iptables;
using Fwknop.Daemon.Expiry;
using Fwknop.Daemon.Listening;
using Fwknop.Daemon.Logging;
using Fwknop.Grants;
using Fwknop.Native.Libc;

namespace Fwknop.Daemon.Lifecycle;

/// <summary>
/// The daemon from start to stop (server.md 2). The listener captures before the firewall is touched, and packets wait in its pipe: if
/// capture fails nothing has changed, and when the daemon says it is ready a packet is neither lost nor without effect.
/// </summary>
internal sealed class DaemonRun(ConfigurationSource source, ServerOptions options, DaemonLog log, BackgroundChild? background)
{
    /// <summary>Runs until told to stop.</summary>
    /// <param name="configuration">The first reading.</param>
    /// <returns>The exit status.</returns>
    /// <exception cref="StartupException">It cannot start; nothing is left behind, and what an earlier run left open is closed.</exception>
    public int Run(DaemonConfiguration configuration)
    {
        CurrentProcess.IsDumpable = false;
        RightsCheck.Require(configuration.Server, options);
        TellConfiguration(configuration);
        using DaemonEvents events = new();
        using StopSignals signals = new(events);
        using ServiceManager service = ServiceManager.Find(Environment.GetEnvironmentVariable);
        background?.WatchStarter(events);
        GenerationStart start = new(source, options, events, log);
        using StanzaCommands commands = new(options.IsTest ? null : CycleJournal.PlaceOf(configuration.Server), events, log);
        InstanceLock instance = start.Claim(configuration.Server);
        DaemonLoop? loop = null;
        bool isRunning = false;
        try
        {
            // Before all that may fail: what an earlier run left open is closed whether this one starts or not.
            commands.Resume(configuration.Server, configuration.Access.HasCloses, Moment.Now(TimeProvider.System));
            Generation first = start.StartFirst(configuration, instance);
            loop = new DaemonLoop(first, start, options.PacketLimit, events, commands, log, service);
            int? failure = loop.WaitUntilReady();

            // The listener has the keys now; what is left of the stanzas here are their limits.
            first.Policy.Dispose();
            if (failure is not null)
            {
                return failure.Value;
            }

            using QueueRules? rules = CaptureModes.Of(configuration.Server) == CaptureMode.Queue ? InstallQueueRules(configuration.Server) : null;
            using RulesetNews? news = options.IsTest ? null : new RulesetNews(events, log);
            if (!options.IsTest && !TryPrepare(first.Firewall))
            {
                return 1;
            }

            log.Info("Starting fwknopd main event loop.", new LogEvent(LogEventKind.DaemonStarted));
            TellReady(configuration.Server, service);
            isRunning = true;
            return loop.Run();
        }
        finally
        {
            if (!isRunning)
            {
                loop?.SettleCommands();
                commands.CloseAll();
                commands.End();
            }

            loop?.Release();
            instance.Dispose();
        }
    }

    /// <summary>As <c>-D</c> shows it, without keys; with <c>-f</c> alone, as in the reference.</summary>
    private void TellConfiguration(DaemonConfiguration configuration)
    {
        if (options.IsForeground)
        {
            log.Trace(() =>
            {
                using StringWriter dump = new(CultureInfo.InvariantCulture);
                ConfigDump.Write(dump, configuration.Server, configuration.Access);
                return dump.ToString().TrimEnd();
            });
        }
    }

    private void TellReady(ServerConfig config, ServiceManager service)
    {
        if (background is not null)
        {
            log.Change(config.Verbosity, LogDestinations.Of(config, options));
            ConfigurationSource.LeaveStartFolder();
            background.TellReady();
        }

        service.Ready();
    }

    /// <summary>In --test too: without them there would be no packets to test with.</summary>
    private QueueRules InstallQueueRules(ServerConfig config)
    {
        try
        {
            return QueueRules.Install(config.Queue, IptablesPrograms.Find(config.IptablesExe), log);
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
            firewall.Prepare(Moment.Now(TimeProvider.System), []);
            Firewalls.TellReady(firewall, log);
            return true;
        }
        catch (FirewallException error)
        {
            log.Error($"[*] {error.Message}", FirewallEvents.Failed(error.Message));
            return false;
        }
    }
}
