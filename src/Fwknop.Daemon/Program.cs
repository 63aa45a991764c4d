using Fwknop.Configuration;
using Fwknop.Configuration.KeyGeneration;
using Fwknop.Configuration.Server;
using Fwknop.Daemon.Control;
using Fwknop.Daemon.Ledger;
using Fwknop.Daemon.Lifecycle;
using Fwknop.Daemon.Logging;
using Fwknop.Grants;
using Fwknop.Native.FileSystem;

const string Name = "fwknopd";
const int Failure = 1;

// Before anything else: the runtime looks at the signals only once, on the first use of console, process or signals.
StopSignals.StopIgnoring();

// What only prints comes first: it needs no configuration and no rights.
ServerOptions options = ServerCommandLine.Parse(Name, args, Environment.GetEnvironmentVariable("POSIXLY_CORRECT") is not null);
switch (options.Action)
{
    case ServerAction.ShowVersion:
        Console.Out.Write(ServerCommandLine.Version(ProgramVersion.Text));
        return 0;
    case ServerAction.ShowUsage:
        Console.Out.Write(ServerCommandLine.Usage(ProgramVersion.Text));
        return 0;
    case ServerAction.GenerateKeys:
        return GenerateKeys();
}

if (options.HasErrors)
{
    Report(options.Diagnostics);
    Console.Out.Write(options.NeedsUsage ? ServerCommandLine.Usage(ProgramVersion.Text) : "");
    return Failure;
}

BackgroundChild? background = BackgroundChild.Find();
ConfigurationSource source = new(options);
try
{
    if (!options.NeedsAccess)
    {
        return Manage();
    }

    return background is null && !options.IsForeground
        ? BackgroundStart.Run(Environment.ProcessPath!, args)
        : UseBothFiles();
}
catch (StartupException error)
{
    Console.Error.WriteLine(error.Message);
    return Failure;
}

// What needs fwknopd.conf alone: the running daemon, the firewall.
int Manage()
{
    Loaded<ServerConfig> config = source.ReadServer();
    Report([.. options.Diagnostics, .. config.Diagnostics]);
    if (config.HasErrors)
    {
        return Failure;
    }

    ControlCommand control = new(config.Value.PidFile, options, Console.Out, Console.Error);
    RunningInstance running = new(config.Value.PidFile, Console.Out, Console.Error);
    using DaemonLog log = new(Console.Error, config.Value.Verbosity);
    switch (options.Action)
    {
        case ServerAction.ShowErrorCodes:
            ServerErrorCodes.Write(Console.Out);
            return 0;
        case ServerAction.ShowStatus:
            return options.ShowsJson || options.VerboseCount > 0 ? control.ShowStatus() : running.ShowStatus();
        case ServerAction.ListGrants:
            return control.ListGrants();
        case ServerAction.Revoke:
            return control.Revoke();
        case ServerAction.Kill:
            return running.Kill();
        case ServerAction.Restart:
            return running.Restart();
        default:
            return FirewallCommand.Run(config.Value, options, running, Console.Out, log);
    }
}

// What needs access.conf, too: the daemon, and what tells of both files.
int UseBothFiles()
{
    Loaded<DaemonConfiguration> read = source.Read();
    if (read.HasErrors)
    {
        Report([.. options.Diagnostics, .. read.Diagnostics]);
        if (options.Action == ServerAction.Run && !options.IsTest)
        {
            PartialServerConfig earlier = source.FindEarlierRun();
            using DaemonLog errors = new(Console.Error, earlier.LeadingToRun?.Verbosity ?? options.VerboseCount);
            EarlierCloses.Run(earlier, errors);
        }

        return Failure;
    }

    using DaemonConfiguration configuration = read.Value;
    if (options.Action == ServerAction.DumpConfig)
    {
        Report([.. options.Diagnostics, .. read.Diagnostics]);
        ConfigDump.Write(Console.Out, configuration.Server, configuration.Access);
        return 0;
    }

    using DaemonLog log = new(configuration.Server.Verbosity, LogDestinations.WhileStarting(configuration.Server, options));
    MessageLocale.Set(configuration.Server, log);
    if (options.IsForeground && configuration.Server.UsesJsonLog)
    {
        log.Write([.. options.Diagnostics, .. read.Diagnostics]);
    }
    else
    {
        Report([.. options.Diagnostics, .. read.Diagnostics]);
    }

    switch (options.Action)
    {
        case ServerAction.CheckConfig:
            log.Info("Configs parsed, exiting.");
            return 0;
        case ServerAction.CheckDigestCache:
            return CheckDigestCache(configuration.Server, log);
        case ServerAction.Explain:
            return Explain(configuration, log);
        default:
            return Run(configuration, log);
    }
}

int CheckDigestCache(ServerConfig config, DaemonLog log)
{
    RunDirectory.Ensure(config.RunDirectory, log);
    if (options.RotatesDigestCache)
    {
        DigestRotation.Rotate(config, log);
    }

    DigestOpening.Open(config, log).Dispose();
    log.Info("Digest cache parsed, exiting.");
    return 0;
}

int Explain(DaemonConfiguration configuration, DaemonLog log)
{
    try
    {
        return ExplainCommand.Run(configuration, options, Console.Out, log);
    }
    catch (StartupException error)
    {
        log.Error(error.Message);
        return Failure;
    }
}

int Run(DaemonConfiguration configuration, DaemonLog log)
{
    try
    {
        return new DaemonRun(source, options, log, background).Run(configuration);
    }
    catch (StartupException error)
    {
        log.Error(error.Message, new LogEvent(LogEventKind.DaemonFailed).With(LogField.Error, error.Message));
        return Failure;
    }
}

int GenerateKeys()
{
    if (options.HasErrors)
    {
        Report(options.Diagnostics);
        return Failure;
    }

    using Stream output = Console.OpenStandardOutput();
    if (KeyGenerator.Run(options.KeyGeneration, Name, output.Write, PrivateFile.Replace) is { } error)
    {
        Console.Error.WriteLine(error);
        return Failure;
    }

    return 0;
}

static void Report(IReadOnlyList<ConfigDiagnostic> diagnostics)
{
    foreach (ConfigDiagnostic diagnostic in diagnostics)
    {
        Console.Error.WriteLine(diagnostic);
    }
}
