using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Net;
using System.Text.RegularExpressions;
using Fwknop.Configuration;
using Fwknop.Protocol;

namespace Fwknop.Daemon.Enforcement.Iptables;

/// <summary>Reads rules as iptables lists them. Any program may have made them: what is not exactly of a form of ours is not read.</summary>
internal static partial class RuleReader
{
    /// <summary>Reads a rule that ends at a time; null for one that does not.</summary>
    /// <param name="chain">Where it is.</param>
    /// <param name="number">Its place there.</param>
    /// <param name="text">What follows <c>-A CHAIN</c>.</param>
    public static ListedRule? Read(OwnChain chain, int number, string text)
    {
        Match comment = ExpiryComment().Match(text);
        return comment.Success && text.All(symbol => symbol is >= ' ' and <= '~')
            ? new ListedRule(chain, number, text, long.Parse(comment.Groups["exp"].Value, CultureInfo.InvariantCulture), ReadRule(chain, text))
            : null;
    }

    private static IptablesRule? ReadRule(OwnChain chain, string text)
    {
        Match match = OwnForm().Match(text);
        if (!match.Success
            || !TryReadNetwork(match, "source", out IPNetwork? source)
            || !TryReadNetwork(match, "destination", out IPNetwork? destination)
            || !TryReadPorts(match, out PortRange? ports)
            || !TryReadTarget(match, out IPAddress? address, out ushort port))
        {
            return null;
        }

        return new IptablesRule(chain, match.Groups["target"].Value)
        {
            Source = source,
            Destination = destination,
            Ports = ports,
            IsForSourcePorts = match.Groups["side"].Value == "s",
            NewAddress = address,
            NewPort = port,
        };
    }

    private static bool TryReadNetwork(Match match, string group, out IPNetwork? network)
    {
        network = null;
        if (!match.Groups[group].Success)
        {
            return true;
        }

        bool isGood = NetworkText.TryRead(
            match.Groups[group].Value,
            int.Parse(match.Groups[group + "Bits"].ValueSpan, NumberStyles.None, CultureInfo.InvariantCulture),
            out IPNetwork read);
        network = read;
        return isGood;
    }

    private static bool TryReadPorts(Match match, out PortRange? ports)
    {
        ports = null;
        if (!match.Groups["first"].Success)
        {
            return true;
        }

        int first = int.Parse(match.Groups["first"].ValueSpan, NumberStyles.None, CultureInfo.InvariantCulture);
        int last = match.Groups["last"] is { Success: true } end ? int.Parse(end.ValueSpan, NumberStyles.None, CultureInfo.InvariantCulture) : first;
        bool isGood = first >= 1 && first <= last && last <= ushort.MaxValue;
        bool isUdp = match.Groups["protocol"].Value is "udp" or "17";
        ports = isGood ? new PortRange(isUdp ? TransportProtocol.Udp : TransportProtocol.Tcp, first, last) : null;
        return isGood;
    }

    private static bool TryReadTarget(Match match, out IPAddress? address, out ushort port)
    {
        (address, port) = (null, 0);
        if (!match.Groups["to"].Success)
        {
            return true;
        }

        string to = match.Groups["to"].Value;
        if (match.Groups["what"].Value == "ports")
        {
            return TryReadPort(to, out port);
        }

        // Without a port an IPv6 address stands without brackets.
        int colon = to.StartsWith('[') || to.Count(symbol => symbol == ':') == 1 ? to.LastIndexOf(':') : -1;
        string host = colon < 0 ? to : to[..colon].Trim('[', ']');
        return (colon < 0 || TryReadPort(to[(colon + 1)..], out port)) && TryReadAddress(host, out address);
    }

    private static bool TryReadPort(string text, out ushort port) =>
        ushort.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out port) && port > 0;

    private static bool TryReadAddress(string text, [NotNullWhen(true)] out IPAddress? address) =>
        IPAddress.TryParse(text, out address) && address.ToString() == text;

    /// <summary>As iptables lists it, with or without quotes; of more digits than any date has it is nothing.</summary>
    [GeneratedRegex(
        @"(?:^| )--comment (?:_exp_(?<exp>[0-9]{1,11})|""_exp_(?<exp>[0-9]{1,11})"")(?= |$)",
        RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture)]
    private static partial Regex ExpiryComment();

    [GeneratedRegex(
        @"\A(-s (?<source>[0-9a-f.:]{2,45})/(?<sourceBits>[0-9]{1,3}) )?(-d (?<destination>[0-9a-f.:]{2,45})/(?<destinationBits>[0-9]{1,3}) )?"
        + @"(-p (?<protocol>tcp|udp|6|17)( -m (tcp|udp))? --(?<side>[sd])port (?<first>[0-9]{1,5})(:(?<last>[0-9]{1,5}))? )?"
        + @"-m comment --comment (""_exp_[0-9]{1,11}""|_exp_[0-9]{1,11}) -j (?<target>[A-Za-z0-9_][A-Za-z0-9_-]{0,31})"
        + @"( --to-(?<what>destination|source|ports) (?<to>[0-9a-f.:\[\]]{1,53}))?\z",
        RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture)]
    private static partial Regex OwnForm();
}
