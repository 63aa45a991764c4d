using System.Net;
using System.Security.Cryptography;

namespace Fwknop.Client;

/// <summary>Sends packets with headers of our own making (client.md 13.5).</summary>
internal sealed class RawDelivery(Messages messages, Network network)
{
    /// <returns>The IPv4 address to send to, or null; the reason has been printed.</returns>
    public IPAddress? Resolve(PacketRoute route)
    {
        IReadOnlyList<IPAddress> addresses =
            new HostAddresses(network.Names).Find(route.Host, AddressFamilies.IPv4, preferIPv6: false, out string? problem);
        if (problem is null)
        {
            return addresses[0];
        }

        messages.Error($"resolve_dst_addr() : {problem}");
        messages.Error($"[*] Unable to resolve {route.Host} as an ip address");
        if (problem == LookupProblem.WrongFamily)
        {
            messages.Error($"[*] {route.Host} has no IPv4 address, and -P {TransportNames.GetName(route.Transport)} sends over IPv4 only.");
        }

        return null;
    }

    /// <param name="route">How.</param>
    /// <param name="destination">What <see cref="Resolve"/> found.</param>
    /// <param name="payload">The text of the packet.</param>
    /// <returns>Bytes sent, headers included, or null; the reason has been printed.</returns>
    public int? Send(PacketRoute route, IPAddress destination, ReadOnlySpan<byte> payload)
    {
        if (!HostAddresses.TryParseLiteral(route.Host, out _))
        {
            messages.Info($"send_spa_packet: address of {route.Host}: {destination}");
        }

        byte[] packet = RawPacket.Make(Header(route, destination), payload);
        if (network.RawPackets.Send(destination, packet) is { } failure)
        {
            Explain(route.Transport, failure);
            return null;
        }

        return packet.Length;
    }

    // The kernel fills in the source, but not the checksum of TCP, which covers it.
    private RawHeader Header(PacketRoute route, IPAddress destination)
    {
        IPAddress source = route.SpoofedSource ?? IPAddress.Any;
        if (route.Transport == SpaTransport.TcpRaw && source.Equals(IPAddress.Any))
        {
            source = network.RawPackets.SourceTowards(destination) ?? source;
        }

        return new RawHeader
        {
            Transport = route.Transport,
            Source = source,
            Destination = destination,
            SourcePort = (ushort)route.SourcePort,
            DestinationPort = (ushort)route.Port,
            Id = RandomNonZero(),
            IcmpType = route.IcmpType,
            IcmpCode = route.IcmpCode,
            EchoId = RandomNonZero(),
        };
    }

    private static ushort RandomNonZero() => (ushort)RandomNumberGenerator.GetInt32(1, ushort.MaxValue + 1);

    private void Explain(SpaTransport transport, SendFailure failure)
    {
        string function = transport switch
        {
            SpaTransport.UdpRaw => "send_spa_packet_udp_raw",
            SpaTransport.TcpRaw => "send_spa_packet_tcp_raw",
            _ => "send_spa_packet_icmp",
        };
        messages.Error(failure.Step switch
        {
            SendStep.NotSupported => $"{function}: raw packets are not yet supported.",
            SendStep.OpenSocket => $"{function}: create socket: {failure.Reason}",
            _ => $"{function}: sendto error: {failure.Reason}",
        });
        if (failure is { Step: SendStep.OpenSocket, IsDenied: true })
        {
            messages.Error($"[*] -P {TransportNames.GetName(transport)} needs the privilege CAP_NET_RAW, which root has.");
        }
    }
}
