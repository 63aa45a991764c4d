using System.Globalization;
using System.Net;
using System.Text.RegularExpressions;
using Fwknop.Configuration;
using Fwknop.Configuration.Access;
using Fwknop.Protocol;

namespace Fwknop.Daemon.Enforcement.Ipset;

/// <summary>One set of grants, each an element with its own kernel timeout; a rule of iptables looks it up.</summary>
/// <param name="IsIPv6">The address family.</param>
/// <param name="HasDestination">The grants name a destination.</param>
internal sealed partial record IpsetSet(bool IsIPv6, bool HasDestination)
{
    /// <summary>All that there are.</summary>
    public static IReadOnlyList<IpsetSet> All { get; } = [new(false, false), new(false, true), new(true, false), new(true, true)];

    /// <summary><c>fwknop_in4</c>, <c>fwknop_to6</c>.</summary>
    public string Name => $"fwknop_{(HasDestination ? "to" : "in")}{(IsIPv6 ? '6' : '4')}";

    /// <summary>The set that takes its place when all is made anew.</summary>
    public string NextName => $"{Name}_next";

    /// <summary>A set of <c>hash:net,port,net</c> would hold networks, too, but not every kernel has that type.</summary>
    public string Type => HasDestination ? "hash:ip,port,ip" : "hash:net,port";

    public string Family => IsIPv6 ? "inet6" : "inet";

    /// <summary>What follows the name when it is made.</summary>
    /// <param name="maxElements">How many elements it can have.</param>
    public string Definition(int maxElements) => string.Create(CultureInfo.InvariantCulture, $"{Type} family {Family} maxelem {maxElements} timeout 0");

    /// <summary>The rule that looks it up for packets to this host, or for the answers of this host.</summary>
    public string RuleFor(RuleKind kind, string target)
    {
        string directions = kind == RuleKind.Output ? HasDestination ? "dst,src,src" : "dst,src" : HasDestination ? "src,dst,dst" : "src,dst";
        return $"-m set --match-set {Name} {directions} -j {target}";
    }

    /// <summary>The set in which a grant is an element; null for what only a rule can say: translations, ranges of ports, a network with a destination.</summary>
    public static IpsetSet? Of(GrantKey key) =>
        key.Translation is null && key.Ports.IsSingle && (key.Destination is null || NetworkText.IsHost(key.Source))
            ? new IpsetSet(key.IsIPv6, key.Destination is not null)
            : null;

    /// <summary><c>10.0.0.1,tcp:22</c>, <c>10.0.0.1,tcp:22,192.0.2.1</c>.</summary>
    public static string Element(GrantKey key)
    {
        string destination = key.Destination is null ? "" : $",{key.Destination}";
        return string.Create(CultureInfo.InvariantCulture, $"{key.SourceText},{PortSpec.NameOf(key.Ports.Protocol)}:{key.Ports.First}{destination}");
    }

    /// <summary>Reads the elements of a saved set that end, with the time that they have left. Lines of any other form are not ours.</summary>
    public IEnumerable<(GrantKey Key, TimeSpan Remaining)> Read(string saved)
    {
        foreach (Match match in AddLine().Matches(saved).Where(match => match.Groups["set"].Value == Name))
        {
            long seconds = long.Parse(match.Groups["seconds"].ValueSpan, CultureInfo.InvariantCulture);
            if (seconds > 0 && ReadKey(match.Groups["element"].Value) is { } key)
            {
                yield return (key, TimeSpan.FromSeconds(seconds));
            }
        }
    }

    private GrantKey? ReadKey(string element)
    {
        Match match = ElementForm().Match(element);
        int length = IsIPv6 ? 128 : 32;
        if (!match.Success
            || (match.Groups["bits"] is { Success: true } bits && !int.TryParse(bits.ValueSpan, NumberStyles.None, CultureInfo.InvariantCulture, out length))
            || !ushort.TryParse(match.Groups["port"].ValueSpan, NumberStyles.None, CultureInfo.InvariantCulture, out ushort port)
            || port == 0
            || !NetworkText.TryRead(match.Groups["source"].Value, length, out IPNetwork source)
            || !GrantPrefix.MayBe(source))
        {
            return null;
        }

        IPAddress? destination = null;
        if (match.Groups["destination"].Success && !IPAddress.TryParse(match.Groups["destination"].Value, out destination))
        {
            return null;
        }

        TransportProtocol protocol = match.Groups["protocol"].Value == "udp" ? TransportProtocol.Udp : TransportProtocol.Tcp;
        GrantKey key = new(source, destination, new PortRange(protocol, port, port));
        return Of(key) == this && key.IsOfOneFamily ? key : null;
    }

    [GeneratedRegex(
        @"^add (?<set>[a-z0-9_]{1,31}) (?<element>[0-9a-z.:/,]{1,120}) timeout (?<seconds>[0-9]{1,10})$",
        RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture | RegexOptions.Multiline)]
    private static partial Regex AddLine();

    [GeneratedRegex(
        @"\A(?<source>[0-9a-f.:]{2,45})(/(?<bits>[0-9]{1,3}))?,(?<protocol>tcp|udp):(?<port>[0-9]{1,5})(,(?<destination>[0-9a-f.:]{2,45}))?\z",
        RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture)]
    private static partial Regex ElementForm();
}
