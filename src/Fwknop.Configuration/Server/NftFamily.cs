namespace Fwknop.Configuration.Server;

/// <summary>Family of an nftables table.</summary>
public enum NftFamily
{
    /// <summary>IPv4 and IPv6.</summary>
    Inet,

    /// <summary>IPv4.</summary>
    Ip,

    /// <summary>IPv6.</summary>
    Ip6,
}
