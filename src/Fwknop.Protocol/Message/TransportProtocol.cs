namespace Fwknop.Protocol;

/// <summary>Transport of a requested port; the numbers are the IP protocol numbers (IANA).</summary>
public enum TransportProtocol : byte
{
    /// <summary>TCP.</summary>
    Tcp = 6,

    /// <summary>UDP.</summary>
    Udp = 17,
}
