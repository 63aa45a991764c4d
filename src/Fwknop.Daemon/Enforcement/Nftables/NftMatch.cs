using System.Globalization;
using System.Net;
using Fwknop.Configuration;

namespace Fwknop.Daemon.Enforcement.Nftables;

/// <summary>Pieces of nft(8) rules that sets and maps have in common.</summary>
internal static class NftMatch
{
    /// <summary><c>ip saddr &amp; 255.255.255.0</c>.</summary>
    public static string Source(bool isIPv6, int prefixLength) =>
        IsHost(isIPv6, prefixLength) ? $"{Family(isIPv6)} saddr" : $"{Family(isIPv6)} saddr & {Mask(isIPv6, prefixLength)}";

    public static bool IsHost(bool isIPv6, int prefixLength) => prefixLength == (isIPv6 ? 128 : 32);

    public static string Family(bool isIPv6) => isIPv6 ? "ip6" : "ip";

    public static string AddressType(bool isIPv6) => isIPv6 ? "ipv6_addr" : "ipv4_addr";

    /// <summary><c>22</c>, <c>8000-8010</c>.</summary>
    public static string Ports(PortRange range) =>
        range.IsSingle ? range.First.ToString(CultureInfo.InvariantCulture) : string.Create(CultureInfo.InvariantCulture, $"{range.First}-{range.Last}");

    /// <summary><c>4_to_net24</c>: what names of sets and maps say about who and where to.</summary>
    public static string NamePart(bool isIPv6, bool hasDestination, int prefixLength)
    {
        string net = IsHost(isIPv6, prefixLength) ? "" : string.Create(CultureInfo.InvariantCulture, $"_net{prefixLength}");
        return (isIPv6 ? "6" : "4") + (hasDestination ? "_to" : "") + net;
    }

    private static IPAddress Mask(bool isIPv6, int prefixLength)
    {
        byte[] mask = new byte[isIPv6 ? 16 : 4];
        for (int bit = 0; bit < prefixLength; bit++)
        {
            mask[bit / 8] |= (byte)(0x80 >> (bit % 8));
        }

        return new IPAddress(mask);
    }
}
