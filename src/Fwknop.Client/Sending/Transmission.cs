using System.Net.Sockets;
using Fwknop.Protocol;

namespace Fwknop.Client;

/// <summary>Says how a packet is sent, sends it and reports (client.md 14.2).</summary>
internal sealed class Transmission(Settings settings, Messages messages, IPacketSender sender)
{
    /// <returns>False when the packet could not be sent; the reason has been printed.</returns>
    public bool Send(SpaMessage message, SpaPacket packet, bool hasHmac)
    {
        messages.Info(
            $"""
            Generating SPA packet:
                        protocol: {TransportNames.GetName(settings.Transport)}
                     source port: {(settings.SourcePort == 0 ? "<OS assigned>" : settings.SourcePort)}
                destination port: {settings.ServerPort}
                         IP/host: {settings.Destination}
            """);
        if (settings.IsTest)
        {
            messages.Normal("test mode enabled, SPA packet not actually sent.");
            messages.Info("send_spa_packet: bytes sent: 0");
            return true;
        }

        if (!hasHmac)
        {
            messages.Warning("[-] WARNING: Sending without HMAC. Add --use-hmac, or an HMAC key on both sides, to authenticate packets.");
        }

        bool allowsIPv6 = message.AllowAddress?.AddressFamily == AddressFamily.InterNetworkV6;
        PacketRoute route = new(settings.Destination!, settings.ServerPort, settings.SourcePort, allowsIPv6);
        if (sender.Send(route, packet.Bytes.Span) is { } problem)
        {
            messages.Error(problem);
            messages.Error("send_spa_packet: packet not sent.");
            return false;
        }

        messages.Info($"send_spa_packet: bytes sent: {packet.Bytes.Length}");
        return true;
    }
}
