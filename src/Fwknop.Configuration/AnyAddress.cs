using System.Net;

namespace Fwknop.Configuration;

/// <summary>0.0.0.0 and ::, which are no host: in a rule they mean everybody.</summary>
public static class AnyAddress
{
    /// <summary>True for one of the two.</summary>
    public static bool Is(IPAddress? address) => IPAddress.Any.Equals(address) || IPAddress.IPv6Any.Equals(address);
}
