using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace Fwknop.Configuration.Access;

/// <summary>
/// A SOURCE or DESTINATION list (server.md 4.3): <c>ANY</c>, addresses and networks, IPv4 and IPv6. Host bits are masked off.
/// </summary>
public sealed class AddressList
{
    private AddressList(string text, bool isAny, IReadOnlyList<IPNetwork> networks)
    {
        Text = text;
        IsAny = isAny;
        Networks = networks;
    }

    /// <summary>The list that matches every address.</summary>
    public static AddressList Any { get; } = new("ANY", isAny: true, []);

    /// <summary>The list as written.</summary>
    public string Text { get; }

    /// <summary>True when the list matches every address, IPv4 or IPv6.</summary>
    public bool IsAny { get; }

    /// <summary>The networks of the list; single addresses have the full prefix length.</summary>
    public IReadOnlyList<IPNetwork> Networks { get; }

    /// <summary>Reads a list.</summary>
    /// <param name="text">
    /// Items separated by commas: <c>ANY</c> in any case, an address, <c>address/prefix</c> or <c>address/255.255.255.0</c>.
    /// Short IPv4 forms are read as <c>inet_aton</c> reads them: <c>10.1</c> is 10.0.0.1.
    /// </param>
    /// <param name="list">The list, or null.</param>
    /// <param name="errors">One message for every bad item.</param>
    public static bool TryParse(string text, [NotNullWhen(true)] out AddressList? list, out IReadOnlyList<string> errors)
    {
        ArgumentNullException.ThrowIfNull(text);
        bool isAny = false;
        List<IPNetwork> networks = [];
        List<string> problems = [];
        foreach (string part in text.Split(','))
        {
            string item = part.Trim();
            if (item.Equals("ANY", StringComparison.OrdinalIgnoreCase))
            {
                isAny = true;
            }
            else if (ParseNetwork(item, out IPNetwork network) is string problem)
            {
                problems.Add(problem);
            }
            else
            {
                networks.Add(network);
            }
        }

        errors = problems;
        list = problems.Count == 0 ? new AddressList(text, isAny, networks) : null;
        return list is not null;
    }

    /// <summary>True when the list matches the address. An IPv4 address mapped into IPv6 is matched as IPv4.</summary>
    public bool Contains(IPAddress address)
    {
        ArgumentNullException.ThrowIfNull(address);
        if (IsAny)
        {
            return true;
        }

        IPAddress plain = address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;
        foreach (IPNetwork network in Networks)
        {
            if (network.Contains(plain))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>The list as written.</summary>
    public override string ToString() => Text;

    private static string? ParseNetwork(string item, out IPNetwork network)
    {
        network = default;
        int slash = item.IndexOf('/', StringComparison.Ordinal);
        string host = slash < 0 ? item : item[..slash];
        if (!TryParseAddress(host, out IPAddress address))
        {
            return $"[*] Fatal error parsing IP to int for: {host}";
        }

        int bits = address.AddressFamily == AddressFamily.InterNetwork ? 32 : 128;
        int prefix = bits;
        if (slash >= 0 && ParseMask(item[(slash + 1)..], bits, out prefix) is string problem)
        {
            return problem;
        }

        if (address.IsIPv4MappedToIPv6 && prefix >= 96)
        {
            (address, prefix) = (address.MapToIPv4(), prefix - 96);
        }

        network = new IPNetwork(MaskHostBits(address, prefix), prefix);
        return null;
    }

    private static bool TryParseAddress(string text, out IPAddress address)
    {
        // No zone (fe80::1%eth0): a packet's source carries none. No brackets, no port.
        bool isPlain = text.Length > 0 && text.All(c => char.IsAsciiHexDigit(c) || c is '.' or ':' or 'x' or 'X');
        bool isAddress = IPAddress.TryParse(text, out IPAddress? parsed);
        address = parsed ?? IPAddress.None;
        return isPlain && isAddress;
    }

    private static string? ParseMask(string mask, int bits, out int prefix)
    {
        prefix = 0;
        if (mask.Length == 0)
        {
            return "[*] Missing mask value.";
        }

        if (bits == 32 && mask.Length > 6)
        {
            return ParseDottedMask(mask, out prefix);
        }

        bool isPrefix = mask.Length <= (bits == 32 ? 2 : 3)
            && int.TryParse(mask, NumberStyles.None, CultureInfo.InvariantCulture, out prefix)
            && mask[^1] != '\0'
            && prefix <= bits;
        return isPrefix ? null : $"[*] Invalid IP mask str '{mask}'.";
    }

    /// <summary>Reads <c>255.255.255.0</c>. The reference also takes masks with holes; those are refused, for hardly anyone can have meant one.</summary>
    private static string? ParseDottedMask(string mask, out int prefix)
    {
        prefix = 0;
        if (!TryParseAddress(mask, out IPAddress address) || address.AddressFamily != AddressFamily.InterNetwork)
        {
            return $"[*] Fatal error parsing IP mask to int for: {mask}";
        }

        uint value = System.Buffers.Binary.BinaryPrimitives.ReadUInt32BigEndian(address.GetAddressBytes());
        prefix = System.Numerics.BitOperations.LeadingZeroCount(~value);
        bool hasHoles = prefix < 32 && value << prefix != 0;
        return hasHoles ? $"[*] Invalid IP mask str '{mask}'." : null;
    }

    internal static IPAddress MaskHostBits(IPAddress address, int prefix)
    {
        byte[] bytes = address.GetAddressBytes();
        for (int i = 0; i < bytes.Length; i++)
        {
            int kept = Math.Clamp(prefix - (8 * i), 0, 8);
            bytes[i] &= (byte)(0xFF << (8 - kept));
        }

        return new IPAddress(bytes);
    }
}
