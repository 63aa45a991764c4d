using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text.RegularExpressions;
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
        IPAddress? destination = null;
        if (!rule.Success
            || rule.Groups["target"].Value != target
            || !IPAddress.TryParse(rule.Groups["source"].Value, out IPAddress? source)
            || !IsHost(source, rule.Groups["sourceBits"].Value)
            || (rule.Groups["destination"] is { Success: true } to
                && !(IPAddress.TryParse(to.Value, out destination) && IsHost(destination, rule.Groups["destinationBits"].Value)))
            || !int.TryParse(rule.Groups["port"].Value, NumberStyles.None, CultureInfo.InvariantCulture, out int port)
            || port is < 1 or > ushort.MaxValue)
        {
            return null;
        }

        bool udp = rule.Groups["protocol"].Value is "udp" or "17";
        return new GrantKey(source, destination, udp ? PortSpec.Udp(port) : PortSpec.Tcp(port));
    }

    private static bool IsHost(IPAddress address, string bits) =>
        bits == (address.AddressFamily == AddressFamily.InterNetworkV6 ? "128" : "32");

    /// <summary>As iptables lists it, with or without quotes.</summary>
    [GeneratedRegex(
        @"(?:^| )--comment (?:_exp_(?<exp>[0-9]{1,15})|""_exp_(?<exp>[0-9]{1,15})"")(?= |$)",
        RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture)]
    private static partial Regex ExpiryComment();

    [GeneratedRegex(
        @"\A-s (?<source>[0-9a-f.:]{2,45})/(?<sourceBits>[0-9]{1,3})( -d (?<destination>[0-9a-f.:]{2,45})/(?<destinationBits>[0-9]{1,3}))?"
        + @" -p (?<protocol>tcp|udp|6|17)( -m (tcp|udp))? --dport (?<port>[0-9]{1,5})"
        + @" -m comment --comment ""?_exp_[0-9]{1,15}""? -j (?<target>[A-Za-z0-9_]{1,32})\z",
        RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture)]
    private static partial Regex AccessRule();
}
