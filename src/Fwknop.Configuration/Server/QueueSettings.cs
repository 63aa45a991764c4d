namespace Fwknop.Configuration.Server;

/// <summary>NFQUEUE capture (server.md 5.5); names of variables are in the comments. The texts are words that iptables takes as names.</summary>
public sealed record QueueSettings
{
    /// <summary>NFQ_INTERFACE; null = all.</summary>
    public string? Interface { get; init; }

    /// <summary>NFQ_PORT: 1 to 65535; UDP.</summary>
    public int Port { get; init; } = 62201;

    /// <summary>NFQ_TABLE.</summary>
    public string Table { get; init; } = "mangle";

    /// <summary>NFQ_CHAIN.</summary>
    public string Chain { get; init; } = "FWKNOP_NFQ";

    /// <summary>NFQ_QUEUE_NUMBER: 0 to 65535.</summary>
    public int Queue { get; init; } = 1;
}
