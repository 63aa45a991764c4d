using Fwknop.Configuration;
using Fwknop.Configuration.Access;
using Fwknop.Configuration.Server;

namespace Fwknop.Daemon.Lifecycle;

/// <summary>
/// The files that the command line names. They are read at start and again at each SIGHUP, with the same command line. Relative paths mean the
/// folder in which fwknopd was started, also when it has left that (server.md 13, Q8).
/// </summary>
internal sealed class ConfigurationSource(ServerOptions options)
{
    private const string Root = "/";

    private readonly string _startFolder = Environment.CurrentDirectory;

    /// <summary>Reads fwknopd.conf and override files.</summary>
    public Loaded<ServerConfig> ReadServer() => InStartFolder(() => LoadServer(out _));

    /// <summary>Reads them and access.conf. All that is wrong with any of them is told at once, before anything is opened.</summary>
    /// <returns>The configuration, which the caller disposes.</returns>
    public Loaded<DaemonConfiguration> Read() => InStartFolder(() =>
    {
        Loaded<ServerConfig> server = LoadServer(out PartialServerConfig partial);
        Loaded<AccessPolicy>? access = partial.LeadingToAccess is { } leading ? AccessFile.Load(leading, NativeAccess.System) : null;

        // Behind an error, only what keeps the daemon from starting as well.
        IEnumerable<ConfigDiagnostic> ofAccess = access?.Diagnostics ?? [];
        ConfigDiagnostic[] found =
            [.. server.Diagnostics, .. ofAccess.Where(finding => !server.HasErrors || finding.Severity == ConfigSeverity.Error)];
        if (server.HasErrors || access is null || access.HasErrors)
        {
            access?.Value?.Dispose();
            return new Loaded<DaemonConfiguration>(null, found);
        }

        return new Loaded<DaemonConfiguration>(new DaemonConfiguration(server.Value, access.Value), found);
    });

    /// <summary>What the files tell of an earlier run, also where a daemon cannot start with them.</summary>
    public PartialServerConfig FindEarlierRun() => InStartFolder(() =>
    {
        LoadServer(out PartialServerConfig partial);
        return partial;
    });

    /// <summary>Leaves the start folder, which may be on a disk that is to be taken out, for the time between readings.</summary>
    public static void LeaveStartFolder() => Environment.CurrentDirectory = Root;

    private Loaded<ServerConfig> LoadServer(out PartialServerConfig partial)
    {
        Loaded<ServerConfig> loaded = ServerConfigFile.Load(options, NativeAccess.ProbeFile, out partial);
        partial = partial with { LeadingToRun = partial.LeadingToRun is { } known ? WithFullPaths(known) : null };
        return loaded.HasErrors ? loaded : loaded with { Value = WithFullPaths(loaded.Value) };
    }

    private static ServerConfig WithFullPaths(ServerConfig config) => config with
    {
        PidFile = Path.GetFullPath(config.PidFile),
        DigestFile = Path.GetFullPath(config.DigestFile),
        StateFolder = Path.GetFullPath(config.StateFolder),
        ListenerExe = config.ListenerExe is { } program ? Path.GetFullPath(program) : null,
    };

    private T InStartFolder<T>(Func<T> read)
    {
        string present = Environment.CurrentDirectory;
        if (present == _startFolder)
        {
            return read();
        }

        try
        {
            Environment.CurrentDirectory = _startFolder;
        }
        catch (DirectoryNotFoundException)
        {
            // Gone since: only absolute paths lead anywhere, and what is relative is reported as missing.
        }

        try
        {
            return read();
        }
        finally
        {
            Environment.CurrentDirectory = present;
        }
    }
}
