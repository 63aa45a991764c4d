using System.Net;
using Fwknop.Configuration.KeyGeneration;

namespace Fwknop.Configuration.Server;

/// <summary>The daemon's command line (server.md 1.2), made by <see cref="ServerCommandLine.Parse"/>.</summary>
public sealed class ServerOptions
{
    /// <summary>The configuration file when <c>-c</c> is not given.</summary>
    public const string DefaultConfigFile = "/etc/fwknop/fwknopd.conf";

    /// <summary>What is asked for.</summary>
    public ServerAction Action =>
        IsVersionAsked ? ServerAction.ShowVersion
        : IsKeyGenerationAsked ? ServerAction.GenerateKeys
        : IsHelpAsked ? ServerAction.ShowUsage
        : Asked.Count > 0 ? Asked.Min
        : ServerAction.Run;

    /// <summary>True for what needs access.conf, too.</summary>
    public bool NeedsAccess =>
        Action is ServerAction.DumpConfig or ServerAction.CheckConfig or ServerAction.CheckDigestCache or ServerAction.Explain or ServerAction.Run;

    /// <summary>-c.</summary>
    public string ConfigFile { get; internal set; } = DefaultConfigFile;

    /// <summary>-O: read after the configuration file, in order.</summary>
    public IReadOnlyList<string> OverrideFiles { get; internal set; } = [];

    /// <summary>-f: does not go to the background, and logs to standard error.</summary>
    public bool IsForeground { get; internal set; }

    /// <summary>--syslog-enable: logs to syslog as well as to standard error.</summary>
    public bool IsSyslogEnabled { get; internal set; }

    /// <summary>--rotate-digest-cache: a new record of packets is begun.</summary>
    public bool RotatesDigestCache { get; internal set; }

    /// <summary>-t: packets are processed, nothing is opened, nothing is remembered.</summary>
    public bool IsTest { get; internal set; }

    /// <summary>-C: stop after so many packets; 0 = never.</summary>
    public int PacketLimit { get; internal set; }

    /// <summary>--revoke: what to take back.</summary>
    public GrantSelector? Revoked { get; internal set; }

    /// <summary>--cut: connections are ended, too.</summary>
    public bool CutsConnections { get; internal set; }

    /// <summary>--json: the answer of the running daemon is shown as JSON.</summary>
    public bool ShowsJson { get; internal set; }

    /// <summary>--explain: the file with packets; <c>-</c> for standard input.</summary>
    public string? ExplainFile { get; internal set; }

    /// <summary>--explain-source: where a packet of which there is only the text came from; null for unknown.</summary>
    public IPAddress? ExplainSource { get; internal set; }

    /// <summary>How often -v is given.</summary>
    public int VerboseCount { get; internal set; }

    /// <summary>Lengths and file for <see cref="ServerAction.GenerateKeys"/>.</summary>
    public KeyGenerationOptions KeyGeneration { get; internal set; } = new();

    /// <summary>Everything wrong or remarkable about the command line.</summary>
    public IReadOnlyList<ConfigDiagnostic> Diagnostics { get; internal set; } = [];

    /// <summary>True when the words did not fit, so that the usage is due after the errors.</summary>
    public bool NeedsUsage { get; internal set; }

    /// <summary>True when the command line cannot be used.</summary>
    public bool HasErrors => Diagnostics.Any(item => item.Severity == ConfigSeverity.Error);

    /// <summary>Variables of fwknopd.conf that options set.</summary>
    internal Dictionary<string, string> Settings { get; } = new(StringComparer.Ordinal);

    internal List<string> Notices { get; } = [];

    internal bool IsVersionAsked { get; set; }

    internal bool IsKeyGenerationAsked { get; set; }

    internal bool IsHelpAsked { get; set; }

    /// <summary>What else is asked for; the first in the order of <see cref="ServerAction"/> is done.</summary>
    internal SortedSet<ServerAction> Asked { get; } = [];
}
