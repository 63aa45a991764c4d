using System.Reflection;
using Fwknop.Configuration;
using Fwknop.Configuration.Access;
using Fwknop.Configuration.KeyGeneration;
using Fwknop.Configuration.Server;
using Fwknop.Daemon.Lifecycle;
using Fwknop.Native.FileSystem;

const string Name = "fwknopd";
const int Failure = 1;

// Before anything else: the runtime looks at the signals only once, on the first use of console, process or signals.
StopSignals.StopIgnoring();

// What only prints comes first: it needs no configuration and no rights.
ServerOptions options = ServerCommandLine.Parse(Name, args, Environment.GetEnvironmentVariable("POSIXLY_CORRECT") is not null);
string version = typeof(DaemonRun).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()!.InformationalVersion;
switch (options.Action)
{
    case ServerAction.ShowVersion:
        Console.Out.Write(ServerCommandLine.Version(version));
        return 0;
    case ServerAction.ShowUsage:
        Console.Out.Write(ServerCommandLine.Usage(version));
        return 0;
    case ServerAction.GenerateKeys:
        return GenerateKeys();
}

if (options.HasErrors)
{
    Report(options.Diagnostics);
    Console.Out.Write(options.NeedsUsage ? ServerCommandLine.Usage(version) : "");
    return Failure;
}

// All that is wrong with both files is told at once, before anything is opened.
Loaded<ServerConfig> config = ServerConfigFile.Load(options, NativeAccess.ProbeFile);
Report([.. options.Diagnostics, .. config.Diagnostics]);
if (config.HasErrors)
{
    return Failure;
}

Loaded<AccessPolicy> policy = AccessFile.Load(config.Value, NativeAccess.System);
Report(policy.Diagnostics);
if (policy.HasErrors)
{
    return Failure;
}

using AccessPolicy stanzas = policy.Value;
DaemonLog log = new(Console.Error, config.Value.Verbosity);
switch (options.Action)
{
    case ServerAction.DumpConfig:
        ConfigDump.Write(Console.Out, config.Value, stanzas);
        return 0;
    case ServerAction.CheckConfig:
        log.Info("Configs parsed, exiting.");
        return 0;
    default:
        return Run();
}

int Run()
{
    try
    {
        return new DaemonRun(config.Value, stanzas, options, log).Run();
    }
    catch (StartupException error)
    {
        log.Error(error.Message);
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
