namespace Fwknop.Client;

/// <summary>How an attempt to connect ended.</summary>
internal enum ConnectOutcome
{
    NoAnswer,
    Open,
    Refused,

    /// <summary>No way there, or a packet filter that says so.</summary>
    Unreachable,

    /// <summary>Something else, named by the reason.</summary>
    Failed,
}
