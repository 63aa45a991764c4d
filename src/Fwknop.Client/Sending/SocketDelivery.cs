using System.Net;

namespace Fwknop.Client;

/// <summary>
/// Sends over UDP or TCP (client.md 13.2 to 13.4). A datagram goes to the first address of the host; TCP tries one after the other.
/// </summary>
internal sealed class SocketDelivery(Messages messages, Network network)
{
    /// <param name="route">How.</param>
    /// <param name="host">Whom to reach: the server or a proxy.</param>
    /// <param name="port">The port there.</param>
    /// <param name="payload">All that is sent.</param>
    /// <returns>Bytes sent, or null; the reason has been printed.</returns>
    public int? Send(PacketRoute route, string host, int port, ReadOnlySpan<byte> payload)
    {
        IReadOnlyList<IPAddress> addresses =
            new HostAddresses(network.Names).Find(host, route.Families, route.PreferIPv6, out string? problem);
        if (problem is not null)
        {
            messages.Error($"error in getaddrinfo: {problem}");
            Explain(route, host, problem);
            return null;
        }

        bool isStream = TransportKinds.KindOf(route.Transport) == TransportKind.Stream;
        bool isName = !HostAddresses.TryParseLiteral(host, out _);
        SendFailure? failure = null;
        foreach (IPAddress address in isStream ? addresses : addresses.Take(1))
        {
            if (isName)
            {
                messages.Info($"send_spa_packet: address of {host}: {address}");
            }

            IPEndPoint target = new(address, port);
            failure = isStream
                ? network.Streams.Send(target, route.SourcePort, payload)
                : network.Datagrams.Send(target, route.SourcePort, payload);
            if (failure is null)
            {
                return payload.Length;
            }

            if (isStream && addresses.Count > 1)
            {
                messages.Info($"send_spa_packet: {address}, port {port}: {failure.Reason}");
            }
        }

        messages.Error(failure!.Step == SendStep.BindSourcePort
            ? $"send_spa_packet_tcp_or_udp: Could not bind source port {route.SourcePort}: {failure.Reason}"
            : $"send_spa_packet_tcp_or_udp: Could not create socket: {failure.Reason}");
        return null;
    }

    private void Explain(PacketRoute route, string host, string problem) => messages.Error(
        problem != LookupProblem.WrongFamily ? $"[*] The host is '{host}'."
        : route.Families == AddressFamilies.IPv6 ? $"[*] {host} has no IPv6 address, and -6 (--ipv6-only) allows no other."
        : $"[*] {host} has no IPv4 address, and -4 (--ipv4-only, --server-resolve-ipv4) allows no other.");
}
