using System.Buffers;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Fwknop.Client;

/// <summary>Finds the address at the begin of what a service or a command says; whatever follows is ignored (client.md 12.1).</summary>
internal static class AddressText
{
    private static readonly SearchValues<byte> QuadLetters = SearchValues.Create("0123456789."u8);
    private static readonly SearchValues<byte> IPv6Letters = SearchValues.Create("0123456789abcdefABCDEF:."u8);

    /// <summary>No more than this many bytes are looked at: the reference's 16 for IPv4, the longest form of an IPv6 address.</summary>
    public static int MaxLength(AddressFamily family) => family == AddressFamily.InterNetworkV6 ? 45 : 16;

    /// <summary>The leading characters of an address: digits and dots, for IPv6 letters of hexadecimal numbers and colons too.</summary>
    public static string Leading(ReadOnlySpan<byte> answer, AddressFamily family)
    {
        ReadOnlySpan<byte> start = answer[..Math.Min(answer.Length, MaxLength(family))];
        int end = start.IndexOfAnyExcept(family == AddressFamily.InterNetworkV6 ? IPv6Letters : QuadLetters);
        return Encoding.ASCII.GetString(end < 0 ? start : start[..end]);
    }

    /// <summary>
    /// Reads that address. "Any" is refused: in a packet it means whatever address the packet comes from, and that is not what
    /// was asked.
    /// </summary>
    public static bool TryParse(ReadOnlySpan<byte> answer, AddressFamily family, out IPAddress address)
    {
        string text = Leading(answer, family);
        bool isParsed = AllowAddress.TryParse(text, out address);
        return isParsed && address.AddressFamily == family && !address.Equals(IPAddress.Any);
    }

    /// <summary>For messages.</summary>
    public static string NameOf(AddressFamily family) => family == AddressFamily.InterNetworkV6 ? "IPv6" : "IPv4";
}
