using System.Globalization;
using System.Net;
using System.Text.RegularExpressions;
using Fwknop.Configuration;
using Fwknop.Configuration.Access;
using Fwknop.Protocol;

namespace Fwknop.Daemon.Enforcement.Ipfw;

/// <summary>Rules of grants as ipfw takes them, and as it lists them (server.md 9.4).</summary>
internal static partial class IpfwRuleText
{
    /// <summary>The rule that looks for connections that exist.</summary>
    public const string CheckState = "check-state";

    /// <summary>The rule, without number and set: <c>pass 6 from S to me dst-port PORT setup keep-state // _exp_EXP</c>.</summary>
    /// <remarks>
    /// For UDP without <c>setup</c>, which asks for a TCP flag: a rule with both, as the reference makes it, lets nothing in.
    /// </remarks>
    public static IReadOnlyList<string> Of(GrantKey key, long epoch) =>
    [
        "pass",
        ((int)key.Ports.Protocol).ToString(CultureInfo.InvariantCulture),
        "from",
        key.SourceText,
        "to",
        key.Destination?.ToString() ?? (key.IsIPv6 ? "me6" : "me"),
        "dst-port",
        key.Ports.IsSingle ? Text(key.Ports.First) : $"{Text(key.Ports.First)}-{Text(key.Ports.Last)}",
        .. (IEnumerable<string>)(key.Ports.Protocol == TransportProtocol.Tcp ? ["setup"] : []),
        "keep-state",
        "//",
        string.Create(CultureInfo.InvariantCulture, $"_exp_{epoch}"),
    ];

    /// <summary>EXP in the comment of a listed rule, or null.</summary>
    public static long? EpochOf(string text) =>
        Comment().Match(text) is { Success: true } match ? long.Parse(match.Groups["exp"].ValueSpan, NumberStyles.None, CultureInfo.InvariantCulture) : null;

    /// <summary>What a listed rule opens; null when it is not exactly of our form.</summary>
    public static GrantKey? KeyOf(string text)
    {
        Match match = OwnForm().Match(text);
        if (!match.Success
            || !TryReadSource(match, out IPNetwork source)
            || !TryReadDestination(match, source, out IPAddress? destination)
            || !TryReadPorts(match, out PortRange? ports))
        {
            return null;
        }

        return new GrantKey(source, destination, ports!);
    }

    private static bool TryReadSource(Match match, out IPNetwork source)
    {
        source = default;
        string address = match.Groups["source"].Value;
        return IPAddress.TryParse(address, out IPAddress? host)
            && NetworkText.TryRead(
                address,
                match.Groups["bits"] is { Success: true } bits ? int.Parse(bits.ValueSpan, NumberStyles.None, CultureInfo.InvariantCulture) : NetworkText.HostLength(host),
                out source)
            && GrantPrefix.MayBe(source);
    }

    private static bool TryReadDestination(Match match, IPNetwork source, out IPAddress? destination)
    {
        destination = null;
        string text = match.Groups["destination"].Value;
        return text is "me" or "me6" || (IPAddress.TryParse(text, out destination) && destination.AddressFamily == source.BaseAddress.AddressFamily);
    }

    private static bool TryReadPorts(Match match, out PortRange? ports)
    {
        int first = int.Parse(match.Groups["first"].ValueSpan, NumberStyles.None, CultureInfo.InvariantCulture);
        int last = match.Groups["last"] is { Success: true } end ? int.Parse(end.ValueSpan, NumberStyles.None, CultureInfo.InvariantCulture) : first;
        bool isGood = first >= 1 && first <= last && last <= ushort.MaxValue;
        TransportProtocol protocol = match.Groups["protocol"].Value is "udp" or "17" ? TransportProtocol.Udp : TransportProtocol.Tcp;
        ports = isGood ? new PortRange(protocol, first, last) : null;
        return isGood;
    }

    private static string Text(int port) => port.ToString(CultureInfo.InvariantCulture);

    [GeneratedRegex(@" // _exp_(?<exp>[0-9]{1,15})\z", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture)]
    private static partial Regex Comment();

    /// <summary>ipfw has its own word for the action, and since FreeBSD 11 a name for the state.</summary>
    [GeneratedRegex(
        @"\A(allow|accept|pass|permit) (ip6 )?(?<protocol>tcp|udp|6|17) from (?<source>[0-9a-f.:]{2,45})(/(?<bits>[0-9]{1,3}))? to (?<destination>me6?|[0-9a-f.:]{2,45})"
        + @" (dst-port )?(?<first>[0-9]{1,5})(-(?<last>[0-9]{1,5}))?( setup)? keep-state( :default)? // _exp_[0-9]{1,15}\z",
        RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture)]
    private static partial Regex OwnForm();
}
