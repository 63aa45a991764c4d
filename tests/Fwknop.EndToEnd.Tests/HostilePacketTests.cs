using System.Text;

using Fwknop.Protocol;
using Fwknop.TestSupport;

namespace Fwknop.EndToEnd.Tests;

/// <summary>Random and mutated packets leave the daemon running, silent and granting.</summary>
public sealed class HostilePacketTests
{
    private const int Count = 10_000;
    private const string Alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/=";

    [RootTheory("nft", "tcpdump")]
    [InlineData("pcap", 1)]
    [InlineData("pcap", 2)]
    [InlineData("UDP server", 3)]
    public void Ten_thousand_of_them_change_nothing(string capture, int seed)
    {
        using var site = new Site(Firewall.NftablesGuard);
        bool usesSocket = capture == "UDP server";
        if (usesSocket)
        {
            site.Network.Server.RunChecked("nft", "flush", "table", "inet", "quiet");
        }

        using SpaDaemon daemon = site.StartDaemon("FW_ACCESS_TIMEOUT 3\n", "", usesSocket ? ["-U"] : []);
        string rules = site.FirewallRules();
        using PacketCapture wire = PacketCapture.Start(site.Network.Client);

        byte[][] packets = [.. Packets(site, new Random(seed))];
        UdpSender.Send(site.Network.Client, site.Network.ServerAddress, packets);

        // Packets are worked off in order, so this grant comes after all of them.
        daemon.GrantAfter("tcp/22", () => site.Knock());
        wire.Stop();
        Assert.Equal(packets.Length + 1, wire.Count($"udp and src host {site.Network.ClientAddress}"));
        Assert.Empty(wire.Lines($"src host {site.Network.ServerAddress} and not arp"));
        Assert.Empty(wire.Lines($"src host {site.Network.ServerAddress6} and not icmp6"));
        Assert.Equal(1, daemon.Process.CountLines("Added .*, expires at"));
        Assert.Equal(ProbeResult.Open, site.Probe());
        Assert.Equal(ProbeResult.NoAnswer, site.Probe(Site.Web));
        Assert.False(daemon.Process.HasExited);
        site.AssertRulesBecome(rules, TimeSpan.FromSeconds(5));
    }

    /// <summary>Every kind in turn; the valid packets they are made from are never sent themselves.</summary>
    private static IEnumerable<byte[]> Packets(Site site, Random random)
    {
        for (int number = 0, made = 0; made < Count; number++)
        {
            byte[] valid = Encoding.ASCII.GetBytes(site.Seal(PortSpec.Tcp(Site.Web)));
            byte[] packet = (number % 8) switch
            {
                0 => Bytes(random, random.Next(0, 1472)),
                1 => Base64(random, random.Next(0, 1472)),
                2 => Base64(random, random.Next(140, 400)),
                3 => Replaced(random, valid),
                4 => Flipped(random, valid),
                5 => valid[..random.Next(valid.Length)],
                6 => [.. valid, .. Base64(random, random.Next(1, 200))],
                _ => [.. valid[..random.Next(valid.Length)], .. Bytes(random, random.Next(1, 40)), .. valid[random.Next(valid.Length)..]],
            };
            if (!packet.AsSpan().SequenceEqual(valid))
            {
                made++;
                yield return packet;
            }
        }
    }

    private static byte[] Bytes(Random random, int length)
    {
        byte[] bytes = new byte[length];
        random.NextBytes(bytes);
        return bytes;
    }

    private static byte[] Base64(Random random, int length) => Encoding.ASCII.GetBytes(random.GetItems(Alphabet.AsSpan(), length));

    private static byte[] Replaced(Random random, byte[] valid)
    {
        byte[] packet = [.. valid];
        packet[random.Next(packet.Length)] = (byte)Alphabet[random.Next(Alphabet.Length)];
        return packet;
    }

    private static byte[] Flipped(Random random, byte[] valid)
    {
        byte[] packet = [.. valid];
        packet[random.Next(packet.Length)] ^= (byte)(1 << random.Next(8));
        return packet;
    }
}
