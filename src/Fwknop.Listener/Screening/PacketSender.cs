using System.Net;
using Fwknop.Configuration.Access;
using Fwknop.Grants;
using Fwknop.Listener.Capture;

namespace Fwknop.Listener.Screening;

/// <summary>
/// Who sent a packet. If it came through a proxy whose word counts, over TCP (the source of a datagram is anybody's to write), that is whom the proxy
/// names; SOURCE is about the proxy, and about the address that it names.
/// </summary>
internal static class PacketSender
{
    /// <summary>The sender's address.</summary>
    /// <param name="setup">Which proxies count, and whether HTTP requests do.</param>
    /// <param name="stanza">Whose SOURCE.</param>
    /// <param name="datagram">The packet.</param>
    /// <param name="invalid">What a trusted proxy put in the place of the client's address, if it is none.</param>
    /// <returns>Null when the proxy names nobody who counts: never the proxy itself, for that would be everybody behind it.</returns>
    public static IPAddress? Find(ListenerSetup setup, AccessStanza stanza, in Datagram datagram, out string? invalid)
    {
        invalid = null;
        if (setup.TrustedProxies is not { } proxies
            || datagram.Protocol != IpProtocol.Tcp
            || !setup.AcceptHttp
            || !HttpRequest.IsRequest(datagram.Payload)
            || !proxies.Contains(datagram.Source))
        {
            return datagram.Source;
        }

        IPAddress? client = ForwardedFor.Find(datagram.Payload, proxies, out invalid);
        return client is not null && StanzaCheck.MatchesSource(stanza, PackedAddress.From(client)) ? client : null;
    }
}
