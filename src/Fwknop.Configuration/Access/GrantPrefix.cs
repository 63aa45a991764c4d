using System.Diagnostics.CodeAnalysis;
using System.Net;
using System.Net.Sockets;
using Fwknop.Configuration.CommandLine;

namespace Fwknop.Configuration.Access;

/// <summary>
/// How many bits of the address a grant is for count (GRANT_PREFIX): behind a carrier's address translation a client's packet and its
/// connections may come from different addresses of one network. Ours; the reference opens for one address.
/// </summary>
public sealed record GrantPrefix
{
    private const int LeastIPv4 = 8;
    private const int LeastIPv6 = 32;

    private GrantPrefix(int ipv4, int ipv6)
    {
        IPv4 = ipv4;
        IPv6 = ipv6;
    }

    /// <summary>One address.</summary>
    public static GrantPrefix Host { get; } = new(32, 128);

    /// <summary>Prefix length for IPv4: 8 to 32.</summary>
    public int IPv4 { get; }

    /// <summary>Prefix length for IPv6: 32 to 128.</summary>
    public int IPv6 { get; }

    /// <summary>Reads <c>24</c> or <c>24,64</c>; IPv6 keeps 128 when it is not named.</summary>
    public static bool TryParse(string text, [NotNullWhen(true)] out GrantPrefix? prefix)
    {
        ArgumentNullException.ThrowIfNull(text);
        string[] parts = text.Split(',', StringSplitOptions.TrimEntries);
        int ipv6 = Host.IPv6;
        bool isGood = StrictNumber.TryParse(parts[0], LeastIPv4, Host.IPv4, out int ipv4)
            && (parts.Length == 1 || (parts.Length == 2 && StrictNumber.TryParse(parts[1], LeastIPv6, Host.IPv6, out ipv6)));
        prefix = isGood ? new GrantPrefix(ipv4, ipv6) : null;
        return isGood;
    }

    /// <summary>The network that is opened for an address. An IPv4 address mapped into IPv6 is treated as IPv4.</summary>
    public IPNetwork NetworkOf(IPAddress address)
    {
        ArgumentNullException.ThrowIfNull(address);
        IPAddress plain = address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;
        int length = plain.AddressFamily == AddressFamily.InterNetwork ? IPv4 : IPv6;
        return new IPNetwork(AddressList.MaskHostBits(plain, length), length);
    }

    /// <summary>True for a network that <see cref="NetworkOf"/> can make; an IPv4 address is never written as IPv6.</summary>
    public static bool MayBe(IPNetwork network) =>
        network.BaseAddress.AddressFamily == AddressFamily.InterNetwork ? network.PrefixLength >= LeastIPv4
        : !network.BaseAddress.IsIPv4MappedToIPv6 && network.PrefixLength >= LeastIPv6;

    /// <summary>As in access.conf: <c>24,64</c>.</summary>
    public override string ToString() => FormattableString.Invariant($"{IPv4},{IPv6}");
}
