using System.Globalization;
using System.Net;
using System.Text.RegularExpressions;
using Fwknop.Configuration;
using Fwknop.Configuration.Access;
using Fwknop.Grants;
using Fwknop.Protocol;

namespace Fwknop.Daemon.Enforcement.Firewalld;

/// <summary>
/// A rich rule of firewalld as a grant comes to (firewalld.richlanguage(5)). firewalld keeps no comment with a rule and does not tell how much time it has left, so
/// its priority does both: one of <see cref="Priorities"/> numbers that only fwknopd uses, the second of its end among them. A renewed grant is another rule
/// thereby, which firewalld needs: it does not extend the time of one that is there.
/// </summary>
internal sealed partial record RichRule
{
    /// <summary>Our choice: nearly three hours; the end of longer grants is known as long as fwknopd runs.</summary>
    public const int Priorities = 10_000;

    private RichRule(int priority, IPNetwork source, IPAddress? destination, PortRange ports, ushort newPort, IPAddress? newAddress) =>
        (Priority, Source, Destination, Ports, NewPort, NewAddress) = (priority, source, destination, ports, newPort, newAddress);

    public int Priority { get; }

    public IPNetwork Source { get; }

    public IPAddress? Destination { get; }

    public PortRange Ports { get; }

    /// <summary>Where connections are led to; 0 where they are let in as they are.</summary>
    public ushort NewPort { get; }

    /// <summary>The host that has it; null for this one.</summary>
    public IPAddress? NewAddress { get; }

    private bool IsIPv6 => Source.BaseAddress.AddressFamily == System.Net.Sockets.AddressFamily.InterNetworkV6;

    /// <summary>Null, or why a zone has no rule for a grant.</summary>
    public static string? WhyNot(GrantKey key)
    {
        string? what = key.Translation switch
        {
            null => null,
            { IsForAll: true } => "forward everything (FORWARD_ALL)",
            { Source: not null } => "change the source address of one grant (ENABLE_FIREWD_SNAT, FORCE_SNAT, FORCE_MASQUERADE)",
            { Kind: NatKind.Forward, KeepsDestination: true } => "let through what is addressed to another host (DISABLE_DNAT)",
            _ => null,
        };
        return what is null ? null : $"a zone of firewalld cannot {what}; direct rules can: leave FIREWD_ZONE unset";
    }

    /// <summary>The rule of a grant for which there is one (<see cref="WhyNot"/>).</summary>
    /// <param name="key">The grant.</param>
    /// <param name="epoch">Its end (<see cref="GrantEnd.Epoch"/>).</param>
    /// <param name="firstPriority">FIREWD_PRIORITY.</param>
    public static RichRule Of(GrantKey key, long epoch, int firstPriority)
    {
        int priority = firstPriority + (int)(epoch % Priorities);
        if (key.Translation is not { } translation)
        {
            return new(priority, key.Source, key.Destination, key.Ports, 0, null);
        }

        return translation.KeepsDestination
            ? new(priority, key.Source, LocalDestinationOf(key), new PortRange(key.Ports.Protocol, translation.Port, translation.Port), 0, null)
            : new(priority, key.Source, key.Destination, key.Ports, translation.Port, translation.Address);
    }

    /// <summary>Reads a rule as firewall-cmd lists it; false for any that is not of the form that we make.</summary>
    /// <param name="line">One line.</param>
    /// <param name="firstPriority">FIREWD_PRIORITY.</param>
    /// <param name="rule">The rule, or null.</param>
    public static bool TryParse(string line, int firstPriority, out RichRule? rule)
    {
        rule = null;
        Match match = Form().Match(line);
        if (!match.Success
            || !int.TryParse(match.Groups["priority"].ValueSpan, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out int priority)
            || priority < firstPriority || priority >= firstPriority + Priorities
            || ReadSource(match.Groups["source"].Value) is not { } source
            || !TryReadAddress(match.Groups["destination"], out IPAddress? destination)
            || !TryReadAddress(match.Groups["newAddress"], out IPAddress? newAddress)
            || ReadPorts(match) is not { } ports
            || !TryReadPort(match.Groups["newPort"], out ushort newPort))
        {
            return false;
        }

        RichRule read = new(priority, source, destination, ports, newPort, newAddress);
        bool isOfOneFamily = new GrantKey(source, destination, ports, new Translation(NatKind.Forward, newAddress, newPort)).IsOfOneFamily;
        rule = isOfOneFamily && match.Groups["family"].ValueSpan.SequenceEqual(read.Family) ? read : null;
        return rule is not null;
    }

    /// <summary>The grant that it is of, as far as the rule tells.</summary>
    public GrantKey Key => new(Source, Destination, Ports, NewPort == 0 ? null : new Translation(NewAddress is null ? NatKind.Local : NatKind.Forward, NewAddress, NewPort));

    /// <summary>The first second, from one on, that its end may be.</summary>
    /// <param name="second">In seconds since 1970.</param>
    /// <param name="firstPriority">FIREWD_PRIORITY.</param>
    public long EndFrom(long second, int firstPriority)
    {
        long place = (Priority - firstPriority - second) % Priorities;
        return second + (place < 0 ? place + Priorities : place);
    }

    /// <summary>As firewall-cmd takes and lists it: addresses and numbers alone are put into it.</summary>
    public override string ToString()
    {
        string destination = Destination is null ? "" : $" destination address=\"{Destination}\"";
        string ports = Ports.IsSingle ? Invariant($"{Ports.First}") : Invariant($"{Ports.First}-{Ports.Last}");
        string what = $"port=\"{ports}\" protocol=\"{PortSpec.NameOf(Ports.Protocol)}\"";
        string action = NewPort == 0 ? $"port {what} accept"
            : Invariant($"forward-port {what} to-port=\"{NewPort}\"") + (NewAddress is null ? "" : $" to-addr=\"{NewAddress}\"");
        return Invariant($"rule priority=\"{Priority}\" family=\"{Family}\" source address=\"{NetworkText.Of(Source)}\"{destination} {action}");
    }

    private string Family => IsIPv6 ? "ipv6" : "ipv4";

    private static string Invariant(FormattableString text) => FormattableString.Invariant(text);

    /// <summary>Where a connection that was sent to the destination arrives.</summary>
    private static IPAddress? LocalDestinationOf(GrantKey key) => key.Destination is null ? null : key.Translation!.Address ?? key.Destination;

    private static IPNetwork? ReadSource(string text)
    {
        string[] parts = text.Split('/');
        return IPAddress.TryParse(parts[0], out IPAddress? address)
            && (parts.Length == 1 || int.TryParse(parts[1], NumberStyles.None, CultureInfo.InvariantCulture, out int _))
            && NetworkText.TryRead(parts[0], parts.Length == 1 ? NetworkText.HostLength(address) : int.Parse(parts[1], CultureInfo.InvariantCulture), out IPNetwork network)
            && GrantPrefix.MayBe(network)
                ? network
                : null;
    }

    private static bool TryReadAddress(Group group, out IPAddress? address)
    {
        address = null;
        return !group.Success || IPAddress.TryParse(group.ValueSpan, out address);
    }

    private static bool TryReadPort(Group group, out ushort port)
    {
        port = 0;
        return !group.Success || (ushort.TryParse(group.ValueSpan, NumberStyles.None, CultureInfo.InvariantCulture, out port) && port != 0);
    }

    private static PortRange? ReadPorts(Match match)
    {
        TransportProtocol protocol = match.Groups["protocol"].ValueSpan is "tcp" ? TransportProtocol.Tcp : TransportProtocol.Udp;
        return TryReadPort(match.Groups["first"], out ushort first)
            && TryReadPort(match.Groups["last"], out ushort last)
            && (last == 0 || last > first)
                ? new PortRange(protocol, first, last == 0 ? first : last)
                : null;
    }

    [GeneratedRegex(
        """
        \A rule\ priority="(?<priority>-?[0-9]{1,5})"
        \ family="(?<family>ipv[46])"
        \ source\ address="(?<source>[0-9A-Fa-f.:]{2,45}(/[0-9]{1,3})?)"
        (\ destination\ address="(?<destination>[0-9A-Fa-f.:]{2,45})")?
        \ (?<forward>forward-)?port\ port="(?<first>[0-9]{1,5})(-(?<last>[0-9]{1,5}))?"\ protocol="(?<protocol>tcp|udp)"
        (?(forward)\ to-port="(?<newPort>[0-9]{1,5})"(\ to-addr="(?<newAddress>[0-9A-Fa-f.:]{2,45})")?|\ accept)
        \z
        """,
        RegexOptions.CultureInvariant | RegexOptions.IgnorePatternWhitespace | RegexOptions.ExplicitCapture)]
    private static partial Regex Form();
}
