using System.Globalization;
using System.Net;
using Fwknop.Protocol;

namespace Fwknop.Daemon.Control;

/// <summary>A line of <c>--list-grants</c>: something that is open for an address.</summary>
/// <param name="Address">For whom.</param>
/// <param name="Port">Null where it is not known any more.</param>
/// <param name="Destination">Where to; null for everywhere.</param>
/// <param name="Stanza">The stanza's number; null for a grant that an earlier run has left in the firewall.</param>
/// <param name="Holder">Who asked; null for what an earlier run has opened.</param>
/// <param name="Until">When it ends, in seconds since 1970.</param>
/// <param name="Remaining">Until then.</param>
/// <param name="BackEnd">What opened it: <c>nftables</c>, <c>iptables</c>, <c>command</c>.</param>
internal sealed record OpenGrant(
    IPAddress Address,
    PortSpec? Port,
    IPAddress? Destination,
    int? Stanza,
    GrantHolder? Holder,
    long Until,
    TimeSpan Remaining,
    string BackEnd)
{
    /// <summary>The log's and the terminal's way to say what it is.</summary>
    public override string ToString()
    {
        string port = Port is { } known ? $"{known} " : "";
        string stanza = Stanza is null ? "" : string.Create(CultureInfo.InvariantCulture, $" (stanza #{Stanza}{(Holder?.StanzaName is { } name ? " " + name : "")})");
        return $"{port}for {Address}{(Destination is null ? "" : $" to {Destination}")}{stanza}{(Holder is null ? "" : $", user '{Holder.User}'")}";
    }
}
