namespace Fwknop.Configuration.Server;

/// <summary>What the command line asks fwknopd to do, in the order in which one beats the others (server.md 1.1).</summary>
public enum ServerAction
{
    /// <summary>Print the version and exit; reads no file.</summary>
    ShowVersion,

    /// <summary>Make keys and exit; reads no file.</summary>
    GenerateKeys,

    /// <summary>Print the usage and exit; reads no file.</summary>
    ShowUsage,

    /// <summary>Print the error codes and exit; reads fwknopd.conf.</summary>
    ShowErrorCodes,

    /// <summary>End the running daemon; reads fwknopd.conf.</summary>
    Kill,

    /// <summary>Let the running daemon read its configuration again; reads fwknopd.conf.</summary>
    Restart,

    /// <summary>Tell whether a daemon runs; reads fwknopd.conf.</summary>
    ShowStatus,

    /// <summary>List the grants of the running daemon; reads fwknopd.conf.</summary>
    ListGrants,

    /// <summary>Let the running daemon take grants back; reads fwknopd.conf.</summary>
    Revoke,

    /// <summary>List fwknopd's rules; reads fwknopd.conf.</summary>
    ListFirewall,

    /// <summary>List the tables that fwknopd's rules are in; reads fwknopd.conf.</summary>
    ListWholeFirewall,

    /// <summary>Remove fwknopd's rules; reads fwknopd.conf.</summary>
    FlushFirewall,

    /// <summary>Print the configuration and exit.</summary>
    DumpConfig,

    /// <summary>Read the configuration, say so and exit.</summary>
    CheckConfig,

    /// <summary>Read the configuration and the record of packets, say so and exit.</summary>
    CheckDigestCache,

    /// <summary>Tell why packets would be granted or refused, and exit.</summary>
    Explain,

    /// <summary>Run as the daemon.</summary>
    Run,
}
