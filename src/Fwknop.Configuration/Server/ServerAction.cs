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

    /// <summary>Print the configuration and exit.</summary>
    DumpConfig,

    /// <summary>Read the configuration, say so and exit.</summary>
    CheckConfig,

    /// <summary>Run as the daemon.</summary>
    Run,
}
