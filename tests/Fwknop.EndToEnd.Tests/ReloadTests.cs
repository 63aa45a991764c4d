using System.Net.Sockets;
using System.Text;

using Fwknop.Protocol;
using Fwknop.TestSupport;

namespace Fwknop.EndToEnd.Tests;

/// <summary>SIGHUP (server.md 2.4; 13, Q8): grants stay, the new configuration works, a broken one changes nothing.</summary>
public sealed class ReloadTests
{
    private const string Done = "Starting fwknopd main event loop.";
    // The rules of the test drop what comes to the usual port, which a daemon that captures leaves to the kernel.
    private const int OpenPort = 62202;
    private const string Refused = "The new configuration is not used";

    [RootTheory("nft", "iptables")]
    [InlineData(Firewall.NftablesGuard, false)]
    [InlineData(Firewall.NftablesInsert, false)]
    [InlineData(Firewall.Iptables, false)]
    [InlineData(Firewall.NftablesGuard, true)]
    public void Grants_stay_and_the_new_key_works_and_the_old_one_does_not(Firewall firewall, bool udp)
    {
        using var site = new Site(firewall);
        int port = udp ? OpenPort : UdpSender.SpaPort;
        using SpaDaemon daemon = site.StartDaemon("FW_ACCESS_TIMEOUT 60\n", udp ? $"UDPSERV_PORT {OpenPort}\n" : "", udp ? ["-U"] : []);
        daemon.GrantAfter("tcp/22", () => site.Send(site.Seal(PortSpec.Tcp(Site.Ssh)), port));
        string oldPacket = site.Seal(PortSpec.Tcp(Site.Web));
        SharedKeys next = SharedKeys.Random();
        string newPacket = site.Seal(PortSpec.Tcp(Site.Web), keys: next);

        daemon.Write("access.conf", $"SOURCE ANY\nFW_ACCESS_TIMEOUT 60\n{next.AccessLines}");
        Reload(daemon, Done);

        Assert.Equal(ProbeResult.Open, site.Probe());
        daemon.LogAfter("COMPAREFAIL|Non-corresponding HMAC", () => site.Send(oldPacket, port));
        Assert.Equal(ProbeResult.NoAnswer, site.Probe(Site.Web));
        daemon.GrantAfter("tcp/80", () => site.Send(newPacket, port));
        Assert.Equal(ProbeResult.Open, site.Probe(Site.Web));
        Assert.Single(daemon.Process.Children());
        Assert.Equal(0, daemon.Stop());
        site.AssertNothingLeft();
    }

    [RootFact("nft")]
    public void A_grant_ends_at_its_time_all_the_same()
    {
        using var site = new Site(Firewall.Iptables);
        using SpaDaemon daemon = site.StartDaemon("FW_ACCESS_TIMEOUT 4\n");
        long end = SpaDaemon.ExpiryIn(daemon.GrantAfter("tcp/22", () => site.Send(site.Seal(PortSpec.Tcp(Site.Ssh)))));

        Reload(daemon, Done);

        Assert.Equal(ProbeResult.Open, site.Probe());
        site.AssertClosesAt(end);
        daemon.WaitForLog("Removed rule .* with expire time of");
    }

    [RootTheory("nft")]
    [InlineData("access.conf", "SOURCE nonsense\n")]
    [InlineData("access.conf", null)]
    [InlineData("fwknopd.conf", "UDPSERV_PORT x\n")]
    [InlineData("fwknopd.conf", "PCAP_INTF nosuch0\n")]
    [InlineData("fwknopd.conf", "PCAP_FILTER this is no filter\n")]
    [InlineData("fwknopd.conf", "FIREWALL_TYPE nftables\n")]
    [InlineData("fwknopd.conf", "FIREWALL_TYPE nftables\nNFT_INSERT inet nowhere input\n")]
    [InlineData("fwknopd.conf", "DIGEST_FILE /proc/nowhere/digest.cache\n")]
    [InlineData("fwknopd.conf", "FWKNOP_PID_FILE /proc/nowhere/pid\n")]
    [InlineData("fwknopd.conf", "LISTENER_EXE /bin/false\n")]
    public void A_configuration_that_does_not_work_changes_nothing(string file, string? content)
    {
        using var site = new Site(Firewall.NftablesGuard);
        using SpaDaemon daemon = site.StartDaemon("FW_ACCESS_TIMEOUT 60\n");
        daemon.GrantAfter("tcp/22", () => site.Send(site.Seal(PortSpec.Tcp(Site.Ssh))));
        int? listener = daemon.ListenerId;

        if (content is null)
        {
            File.Delete(daemon.PathOf(file));
        }
        else
        {
            string kept = file == "fwknopd.conf" ? File.ReadAllText(daemon.PathOf(file)) : "";
            bool replacesFirewall = content.StartsWith("FIREWALL", StringComparison.Ordinal);
            daemon.Write(file, (replacesFirewall ? kept.Replace("GUARD_PORTS", "#GUARD", StringComparison.Ordinal).Replace("\n#", "\n# ", StringComparison.Ordinal) : kept) + content);
        }

        Reload(daemon, Refused);

        Assert.Equal(listener, daemon.ListenerId);
        Assert.Equal(ProbeResult.Open, site.Probe());
        daemon.GrantAfter("tcp/80", () => site.Send(site.Seal(PortSpec.Tcp(Site.Web))));
        Assert.Equal(ProbeResult.Open, site.Probe(Site.Web));
        Assert.Equal(0, daemon.Stop());
        site.AssertNothingLeft();
    }

    [RootFact("nft")]
    public void Many_in_a_row_are_few_readings_and_no_packet_is_lost()
    {
        using var site = new Site(Firewall.NftablesGuard);
        using SpaDaemon daemon = site.StartDaemon("FW_ACCESS_TIMEOUT 60\n");
        for (int i = 0; i < 50; i++)
        {
            daemon.Process.Send(Signal.Hangup);
        }

        for (byte host = 1; host <= 20; host++)
        {
            site.Send(site.Seal(PortSpec.Tcp(Site.Ssh), new System.Net.IPAddress([10, 99, 0, host])));
        }

        for (byte host = 1; host <= 20; host++)
        {
            daemon.WaitForLog($"Added .* for 10.99.0.{host} ");
        }

        // A last reading may still be under way: what was asked for during the one before.
        int Readings() => daemon.Process.CountLines("Got SIGHUP. Re-reading configs.");
        Deadline.WaitUntil(
            () => daemon.Process.CountLines(Done) == 1 + Readings() && daemon.Process.Children().Count == 1,
            TimeSpan.FromSeconds(10),
            "every reading has ended and one listener is left");
        Assert.InRange(Readings(), 1, 10);
        Assert.Equal(20, daemon.Process.CountLines("Added access rule"));
        Assert.Equal(0, daemon.Process.CountLines("recorded already"));
    }

    /// <summary>As when it has not come to read them: the next listener reads them from the same socket.</summary>
    [RootFact("nft")]
    public void Packets_that_the_old_listener_has_not_read_are_not_lost()
    {
        using var site = new Site(Firewall.NftablesGuard);
        using SpaDaemon daemon = site.StartDaemon("FW_ACCESS_TIMEOUT 60\n", $"UDPSERV_PORT {OpenPort}\n", "-U");
        Assert.True(daemon.SuspendListener());
        for (byte host = 1; host <= 5; host++)
        {
            site.Send(site.Seal(PortSpec.Tcp(Site.Ssh), new System.Net.IPAddress([10, 99, 0, host])), OpenPort);
        }

        Reload(daemon, Done);

        for (byte host = 1; host <= 5; host++)
        {
            daemon.WaitForLog($"Added .* for 10.99.0.{host} ");
        }

        Assert.Single(daemon.Process.Children());
        Assert.Equal(0, daemon.Stop());
    }

    /// <summary>The listener that has the connection finishes it.</summary>
    [RootFact("nft")]
    public void Who_has_connected_before_is_granted_what_is_sent_after()
    {
        using var site = new Site(Firewall.NftablesGuard);
        using SpaDaemon daemon = site.StartDaemon("FW_ACCESS_TIMEOUT 60\n", "ENABLE_TCP_SERVER Y;\n");
        string packet = site.Seal(PortSpec.Tcp(Site.Ssh));
        site.Network.Client.Inside(() =>
        {
            using Socket socket = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
            socket.Connect(site.Network.ServerAddress, UdpSender.SpaPort);
            Reload(daemon, "Re-starting fwknopd");
            Assert.Equal(2, daemon.Process.Children().Count);
            daemon.GrantAfter("tcp/22", () =>
            {
                socket.Send(Encoding.ASCII.GetBytes(packet));
                socket.Shutdown(SocketShutdown.Send);
            });
        });

        daemon.WaitForLog(Done, after: 1);
        Assert.Single(daemon.Process.Children());
        Assert.Equal(0, daemon.Process.CountLines("Replay"));
        Assert.Equal(0, daemon.Stop());
        site.AssertNothingLeft();
    }

    /// <summary>Whoever connects and is silent keeps neither a reload nor a stop from its end.</summary>
    [RootFact("nft")]
    public void A_silent_connection_holds_up_no_reload_and_no_stop()
    {
        using var site = new Site(Firewall.NftablesGuard);
        using SpaDaemon daemon = site.StartDaemon("FW_ACCESS_TIMEOUT 60\n", "ENABLE_TCP_SERVER Y;\n");
        site.Network.Client.Inside(() =>
        {
            using Socket first = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
            first.Connect(site.Network.ServerAddress, UdpSender.SpaPort);
            Reload(daemon, Done);
            using Socket second = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
            second.Connect(site.Network.ServerAddress, UdpSender.SpaPort);
            Assert.Equal(0, daemon.Stop());
        });
        site.AssertNothingLeft();
    }

    /// <summary>The address is bound by fwknopd: without it nothing changes.</summary>
    [RootFact("nft")]
    public void A_UDP_port_that_cannot_be_had_refuses_the_new_configuration()
    {
        using var site = new Site(Firewall.NftablesGuard);
        using SpaDaemon daemon = site.StartDaemon("FW_ACCESS_TIMEOUT 60\n", $"UDPSERV_PORT {OpenPort}\n", "-U");
        string before = File.ReadAllText(daemon.PathOf("fwknopd.conf"));

        daemon.Write("fwknopd.conf", before + "UDPSERV_BIND_ADDRESS 192.0.2.1\n");
        Reload(daemon, Refused);

        Assert.Contains("run_udp_server: bind() failed: Cannot assign requested address\nFatal run_udp_server() error\n", daemon.Log, StringComparison.Ordinal);
        daemon.GrantAfter("tcp/22", () => site.Send(site.Seal(PortSpec.Tcp(Site.Ssh)), OpenPort));
        Assert.Equal(0, daemon.Stop());
    }

    [RootFact("nft")]
    public void A_used_packet_stays_used_when_the_record_moves()
    {
        using var site = new Site(Firewall.NftablesGuard);
        using SpaDaemon daemon = site.StartDaemon("FW_ACCESS_TIMEOUT 60\n");
        string packet = site.Seal(PortSpec.Tcp(Site.Ssh));
        daemon.GrantAfter("tcp/22", () => site.Send(packet));

        string moved = daemon.PathOf("moved.cache");
        daemon.Write("fwknopd.conf", $"{File.ReadAllText(daemon.PathOf("fwknopd.conf"))}DIGEST_FILE {moved}\n");
        Reload(daemon, Done);

        daemon.LogAfter("Replay detected from source IP", () => site.Send(packet));
        daemon.GrantAfter("tcp/80", () => site.Send(site.Seal(PortSpec.Tcp(Site.Web))));
        Assert.Equal(2, File.ReadLines(moved).Count(line => line[0] != '#'));
    }

    [RootTheory("nft", "iptables")]
    [InlineData("GUARD_PORTS tcp/22, tcp/80;", "GUARD_PORTS tcp/22, tcp/443;")]
    [InlineData("GUARD_PORTS tcp/22, tcp/80;", "NFT_INSERT inet quiet input;")]
    public void Live_grants_move_to_another_firewall(string before, string after)
    {
        using var site = new Site(Firewall.NftablesGuard);
        using SpaDaemon daemon = site.StartDaemon("FW_ACCESS_TIMEOUT 60\n");
        daemon.GrantAfter("tcp/22", () => site.Send(site.Seal(PortSpec.Tcp(Site.Ssh))));

        string configuration = File.ReadAllText(daemon.PathOf("fwknopd.conf"));
        Assert.Contains(before, configuration, StringComparison.Ordinal);
        daemon.Write("fwknopd.conf", configuration.Replace(before, after, StringComparison.Ordinal));
        Reload(daemon, Done);

        Assert.Contains($"{site.Network.ClientAddress} . tcp . 22", site.FirewallRules(), StringComparison.Ordinal);
        Assert.Equal(after.StartsWith("GUARD", StringComparison.Ordinal), site.FirewallRules().Contains("table inet fwknop", StringComparison.Ordinal));
        Assert.Equal(0, daemon.Stop());
        site.AssertNothingLeft();
    }

    private static void Reload(SpaDaemon daemon, string end) => daemon.LogAfter(end, () => daemon.Process.Send(Signal.Hangup));
}
