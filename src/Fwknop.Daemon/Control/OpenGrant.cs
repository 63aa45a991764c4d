using System.Globalization;
using System.Net;
using Fwknop.Configuration;
using Fwknop.Daemon.Commands;
using Fwknop.Daemon.Enforcement;

namespace Fwknop.Daemon.Control;

/// <summary>A line of <c>--list-grants</c>: something that is open for somebody.</summary>
/// <param name="Addresses">For whom.</param>
/// <param name="Ports">Null where they are not known any more.</param>
/// <param name="Destination">Where to; null for everywhere.</param>
/// <param name="Stanza">The stanza's number; null for a grant that an earlier run has left in the firewall.</param>
/// <param name="Holder">Who asked; null for what an earlier run has opened.</param>
/// <param name="Until">When it ends, in seconds since 1970.</param>
/// <param name="Remaining">Until then.</param>
/// <param name="BackEnd">What opened it: <c>nftables</c>, <c>iptables</c>, <c>command</c>.</param>
internal sealed record OpenGrant(
    IPNetwork Addresses,
    PortRange? Ports,
    IPAddress? Destination,
    int? Stanza,
    GrantHolder? Holder,
    long Until,
    TimeSpan Remaining,
    string BackEnd)
{
    /// <summary>How far a command is; what the firewall lists is open. Null for a cycle of an earlier run.</summary>
    public CycleState? State { get; init; } = CycleState.Open;

    /// <summary>
    /// Where the connections are led: <c>192.168.1.10:22</c>, <c>:2222</c> for another port here, <c>everywhere</c> for what is let through to wherever it
    /// is addressed. Null where they stay.
    /// </summary>
    public string? Forward { get; init; }

    /// <summary><see cref="Forward"/> of a grant by the firewall.</summary>
    public static string? ForwardOf(Translation? translation) =>
        translation is null ? null : translation.ToString() is { Length: > 0 } way ? way : "everywhere";

    /// <summary>The log's and the terminal's way to say what it is.</summary>
    public override string ToString()
    {
        string ports = Ports is { } known ? $"{known} " : "";
        string stanza = Stanza is null ? "" : string.Create(CultureInfo.InvariantCulture, $" (stanza #{Stanza}{(Holder?.StanzaName is { } name ? " " + name : "")})");
        return $"{ports}for {NetworkText.Of(Addresses)}{(Destination is null ? "" : $" to {Destination}")}{(Forward is null ? "" : $", forwarded to {Forward}")}{stanza}{(Holder is null ? "" : $", user '{Holder.User}'")}";
    }
}
