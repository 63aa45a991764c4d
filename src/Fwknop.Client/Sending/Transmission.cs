using System.Net.Sockets;
using System.Text;
using Fwknop.Protocol;

namespace Fwknop.Client;

/// <summary>Says how a packet is sent, sends it and reports (client.md 14.2).</summary>
internal sealed class Transmission(Settings settings, Messages messages, Network network)
{
    /// <returns>False when the packet could not be sent; the reason has been printed.</returns>
    public bool Send(SpaMessage message, SpaPacket packet, bool hasHmac)
    {
        PacketRoute route = PacketRoute.Of(settings, message.AllowAddress?.AddressFamily == AddressFamily.InterNetworkV6);
        messages.Info(
            $"""
            Generating SPA packet:
                        protocol: {TransportNames.GetName(route.Transport)}
                     source port: {(route.SourcePort == 0 ? "<OS assigned>" : route.SourcePort)}
                destination port: {route.Port}
                         IP/host: {route.Host}
            """);
        if (!settings.IsTest && !hasHmac)
        {
            messages.Warning("[-] WARNING: Sending without HMAC. Add --use-hmac, or an HMAC key on both sides, to authenticate packets.");
        }

        int? sent = route.Transport == SpaTransport.Http ? SendRequest(route, packet) : SendText(route, packet.Bytes.Span);
        if (sent is null)
        {
            messages.Error("send_spa_packet: packet not sent.");
            return false;
        }

        messages.Info($"send_spa_packet: bytes sent: {sent}");
        return true;
    }

    // A test run of raw modes needs the address all the same (client.md 13.1).
    private int? SendText(PacketRoute route, ReadOnlySpan<byte> packet)
    {
        if (route.Transport.IsRaw())
        {
            RawDelivery delivery = new(messages, network);
            return delivery.Resolve(route) is not { } address ? null
                : settings.IsTest ? Rehearse("test mode enabled, SPA packet not actually sent.")
                : delivery.Send(route, address, packet);
        }

        return settings.IsTest
            ? Rehearse("test mode enabled, SPA packet not actually sent.")
            : new SocketDelivery(messages, network).Send(route, route.Host, route.Port, packet);
    }

    private int? SendRequest(PacketRoute route, SpaPacket packet)
    {
        ProxyAddress? proxy = string.IsNullOrEmpty(route.HttpProxy) ? null : ProxyAddress.TryParse(route.HttpProxy);
        if (proxy is null && !string.IsNullOrEmpty(route.HttpProxy))
        {
            messages.Error("[-] proxy port value is invalid, must be in [1-65535]");
            return null;
        }

        byte[] request = SpaHttpRequest.Make(packet.Bytes.Span, route.Host, route.UserAgent, proxy is not null, out string? problem);
        if (problem is not null)
        {
            messages.Error(problem);
            return null;
        }

        if (settings.IsTest)
        {
            messages.Info(Encoding.UTF8.GetString(request));
            return Rehearse("Test mode enabled, SPA packet not actually sent.");
        }

        return new SocketDelivery(messages, network).Send(route, proxy?.Host ?? route.Host, proxy?.Port ?? route.Port, request);
    }

    private int Rehearse(string text)
    {
        messages.Normal(text);
        return 0;
    }
}
