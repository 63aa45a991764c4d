using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Net;
using System.Text.RegularExpressions;
using Fwknop.Configuration;
using Fwknop.Configuration.Access;
using Fwknop.Configuration.Server;
using Fwknop.Protocol;

namespace Fwknop.Daemon.Enforcement.Iptables;

/// <summary>What <c>iptables -S</c> says about our chain. Lines of any other kind are not ours and are passed over.</summary>
internal sealed partial class IptablesListing
{
    private IptablesListing(bool hasChain, int jumps, IReadOnlyList<ListedRule> rules) =>
        (HasChain, Jumps, Rules) = (hasChain, jumps, rules);

    public bool HasChain { get; }

    /// <summary>How many rules jump to it in the form that we make.</summary>
    public int Jumps { get; }

    /// <summary>Its rules that end at a time, in order.</summary>
    public IReadOnlyList<ListedRule> Rules { get; }

    public static IptablesListing Parse(string output, ChainSpec chain)
    {
        string newChain = $"-N {chain.ToChain}";
        string jump = $"-A {chain.FromChain} -j {chain.ToChain}";
        string append = $"-A {chain.ToChain} ";
        bool hasChain = false;
        int jumps = 0;
        int number = 0;
        List<ListedRule> rules = [];
        foreach (string line in output.Split('\n'))
        {
            hasChain |= line == newChain;
            jumps += line == jump ? 1 : 0;
            if (line.StartsWith(append, StringComparison.Ordinal) && ReadRule(++number, line[append.Length..], chain.Target) is { } rule)
            {
                rules.Add(rule);
            }
        }

        return new IptablesListing(hasChain, jumps, rules);
    }

    private static ListedRule? ReadRule(int number, string text, string target)
    {
        Match comment = ExpiryComment().Match(text);
        return comment.Success && text.All(symbol => symbol is >= ' ' and <= '~')
            ? new ListedRule(number, text, long.Parse(comment.Groups["exp"].Value, CultureInfo.InvariantCulture), ReadKey(text, target))
            : null;
    }

    private static GrantKey? ReadKey(string text, string target)
    {
        Match rule = AccessRule().Match(text);
        IPNetwork destination = default;
        bool hasDestination = rule.Groups["destination"].Success;
        if (!rule.Success
            || rule.Groups["target"].Value != target
            || !TryReadNetwork(rule, "source", out IPNetwork source)
            || !GrantPrefix.MayBe(source)
            || (hasDestination && !(TryReadNetwork(rule, "destination", out destination) && NetworkText.IsHost(destination)))
            || !TryReadPorts(rule, out PortRange? ports))
        {
            return null;
        }

        return new GrantKey(source, hasDestination ? destination.BaseAddress : null, ports);
    }

    private static bool TryReadNetwork(Match rule, string group, out IPNetwork network) => NetworkText.TryRead(
        rule.Groups[group].Value, int.Parse(rule.Groups[group + "Bits"].ValueSpan, NumberStyles.None, CultureInfo.InvariantCulture), out network);

    private static bool TryReadPorts(Match rule, [NotNullWhen(true)] out PortRange? ports)
    {
        int first = int.Parse(rule.Groups["first"].ValueSpan, NumberStyles.None, CultureInfo.InvariantCulture);
        int last = rule.Groups["last"] is { Success: true } end ? int.Parse(end.ValueSpan, NumberStyles.None, CultureInfo.InvariantCulture) : first;
        bool isGood = first >= 1 && first <= last && last <= ushort.MaxValue;
        bool isUdp = rule.Groups["protocol"].Value is "udp" or "17";
        ports = isGood ? new PortRange(isUdp ? TransportProtocol.Udp : TransportProtocol.Tcp, first, last) : null;
        return isGood;
    }

    /// <summary>As iptables lists it, with or without quotes.</summary>
    [GeneratedRegex(
        @"(?:^| )--comment (?:_exp_(?<exp>[0-9]{1,15})|""_exp_(?<exp>[0-9]{1,15})"")(?= |$)",
        RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture)]
    private static partial Regex ExpiryComment();

    [GeneratedRegex(
        @"\A-s (?<source>[0-9a-f.:]{2,45})/(?<sourceBits>[0-9]{1,3})( -d (?<destination>[0-9a-f.:]{2,45})/(?<destinationBits>[0-9]{1,3}))?"
        + @" -p (?<protocol>tcp|udp|6|17)( -m (tcp|udp))? --dport (?<first>[0-9]{1,5})(:(?<last>[0-9]{1,5}))?"
        + @" -m comment --comment ""?_exp_[0-9]{1,15}""? -j (?<target>[A-Za-z0-9_]{1,32})\z",
        RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture)]
    private static partial Regex AccessRule();
}
