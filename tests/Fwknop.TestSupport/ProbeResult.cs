namespace Fwknop.TestSupport;

public enum ProbeResult
{
    /// <summary>Nothing came back: the firewall dropped the connection attempt.</summary>
    NoAnswer,

    /// <summary>The connection was made.</summary>
    Open,

    /// <summary>A reset or an ICMP error came back: the port is reachable, or something gave itself away.</summary>
    Refused,
}
