using Fwknop.Protocol;
using Fwknop.TestSupport;

namespace Fwknop.EndToEnd.Tests;

public sealed class GrantTests
{
    /// <summary>Where addresses are handled in ways of their own.</summary>
    public static TheoryData<Firewall, Family> Everywhere()
    {
        var rows = new TheoryData<Firewall, Family>();
        foreach (Firewall firewall in Enum.GetValues<Firewall>().Where(firewall => firewall != Firewall.IptablesLegacy))
        {
            rows.Add(firewall, Family.IPv4);
            rows.Add(firewall, Family.IPv6);
        }

        return rows;
    }

    [RootTheory("nft", "iptables-nft", "ip6tables-nft", "iptables-legacy", "ip6tables-legacy", "ipset")]
    [InlineData(Firewall.NftablesGuard)]
    [InlineData(Firewall.NftablesInsert)]
    [InlineData(Firewall.Iptables)]
    [InlineData(Firewall.IptablesLegacy)]
    [InlineData(Firewall.Ipset)]
    public void A_knock_opens_one_port_for_one_address_for_its_time(Firewall firewall)
    {
        using var site = new Site(firewall);
        using SpaDaemon daemon = site.StartDaemon();
        Dictionary<Family, long> ends = [];
        foreach (Family family in Enum.GetValues<Family>())
        {
            Assert.Equal(ProbeResult.NoAnswer, site.Probe(Site.Ssh, family));
            ends[family] = SpaDaemon.ExpiryIn(daemon.GrantAfter("tcp/22", () => site.Knock("tcp/22", family)));
            Assert.Equal(ProbeResult.Open, site.Probe(Site.Ssh, family));
            Assert.Equal(ProbeResult.NoAnswer, site.Probe(Site.Web, family));
            Assert.Equal(ProbeResult.NoAnswer, site.ProbeFromElsewhere(Site.Ssh, family));
        }

        // Side by side: waiting for the one must not hide that the other closes too early.
        Parallel.ForEach(ends, end =>
        {
            site.AssertClosesAt(end.Value, Site.Ssh, end.Key);
            Assert.True(DateTimeOffset.UtcNow.ToUnixTimeSeconds() >= end.Value - 1, "closed before its time");
            daemon.WaitForLog($"Removed rule .*expire time of {end.Value}");
        });

        Assert.Equal(0, daemon.Stop());
        site.AssertNothingLeft();
    }

    [RootTheory("nft", "iptables-nft", "ip6tables-nft", "ipset")]
    [InlineData(Firewall.NftablesGuard)]
    [InlineData(Firewall.NftablesInsert)]
    [InlineData(Firewall.Iptables)]
    [InlineData(Firewall.Ipset)]
    public void A_knock_without_ports_opens_what_the_server_chooses(Firewall firewall)
    {
        using var site = new Site(firewall);
        using SpaDaemon daemon = site.StartDaemon(
            "FW_ACCESS_TIMEOUT 3\nOPEN_PORTS tcp/20-25, tcp/80, tcp/8000-8010\nRESTRICT_PORTS tcp/80\nALLOW_NO_PORTS Y\n", "", "-v");
        Dictionary<Family, long> ends = [];
        foreach (Family family in Enum.GetValues<Family>())
        {
            ends[family] = SpaDaemon.ExpiryIn(daemon.GrantAfter("tcp/20-25,tcp/8000-8010", () => site.Knock("none", family)));
            Assert.Equal(ProbeResult.Open, site.Probe(Site.Ssh, family));
            Assert.Equal(ProbeResult.NoAnswer, site.Probe(Site.Web, family));
            Assert.Equal(ProbeResult.NoAnswer, site.ProbeFromElsewhere(Site.Ssh, family));
            daemon.WaitForLog($"Granted tcp/20-25,tcp/8000-8010 for {site.Client(family)} to user '[^']+' for 3 seconds");
        }

        Assert.All(ends, end => site.AssertClosesAt(end.Value, Site.Ssh, end.Key));
        Assert.Equal(0, daemon.Stop());
        site.AssertNothingLeft();
    }

    [RootFact("nft")]
    public void A_stanza_that_ends_while_fwknopd_runs_grants_until_then_and_is_told_of_once()
    {
        using var site = new Site(Firewall.NftablesGuard);
        long end = DateTimeOffset.UtcNow.ToUnixTimeSeconds() + 20;
        using SpaDaemon daemon = site.StartDaemon($"FW_ACCESS_TIMEOUT 3\nACCESS_EXPIRE_EPOCH {end}\n");
        string added = daemon.GrantAfter("tcp/22", () => site.Knock());
        Assert.Equal(ProbeResult.Open, site.Probe());
        site.AssertClosesAt(SpaDaemon.ExpiryIn(added));
        Deadline.WaitUntil(() => DateTimeOffset.UtcNow.ToUnixTimeSeconds() > end, TimeSpan.FromSeconds(30), "the end of the stanza");

        daemon.LogAfter($@"\[{site.Network.ClientAddress}\] \(stanza #1\) Access stanza has expired$", () => site.Knock());

        // The line about a packet's arrival comes when all is said about the one before.
        daemon.LogAfter("received with access source match", () => site.Knock());
        daemon.LogAfter("received with access source match", () => site.Knock());
        Assert.Equal(1, daemon.Process.CountLines("Access stanza has expired"));
        Assert.Equal(1, daemon.Process.CountLines("Added"));
        Assert.Equal(ProbeResult.NoAnswer, site.Probe());
        Assert.Equal(0, daemon.Stop());
    }

    [RootFact("nft")]
    public void A_knock_without_ports_needs_a_server_that_chooses()
    {
        using var site = new Site(Firewall.NftablesGuard);
        using SpaDaemon daemon = site.StartDaemon("OPEN_PORTS tcp/22\n");
        daemon.LogAfter("One or more requested protocol/ports was denied per access.conf", () => site.Knock("none"));
        Assert.Equal(ProbeResult.NoAnswer, site.Probe());
        Assert.Equal(0, daemon.Stop());
    }

    [RootTheory("nft", "iptables-nft", "ip6tables-nft", "ipset")]
    [InlineData(Firewall.NftablesGuard)]
    [InlineData(Firewall.NftablesInsert)]
    [InlineData(Firewall.Iptables)]
    [InlineData(Firewall.Ipset)]
    public void A_knock_opens_for_the_network_of_the_address(Firewall firewall)
    {
        using var site = new Site(firewall);
        Dictionary<Family, string> networks = new() { [Family.IPv4] = "10.77.0.2/31", [Family.IPv6] = "fd77::2/127" };
        using SpaDaemon daemon = site.StartDaemon("FW_ACCESS_TIMEOUT 60\nGRANT_PREFIX 31,127\n");
        Dictionary<Family, long> ends = [];
        foreach ((Family family, string network) in networks)
        {
            ends[family] = SpaDaemon.ExpiryIn(
                daemon.GrantAfter($"{network} -> [0.:]+/0 tcp/22", () => site.Knock("tcp/22", family, "-f", "40")));
            Assert.Equal(ProbeResult.Open, site.Probe(Site.Ssh, family));
            Assert.Equal(ProbeResult.Open, site.ProbeFromElsewhere(Site.Ssh, family));
            daemon.WaitForLog($"Granted tcp/22 for {network} to user");
        }

        // A reading of the configuration keeps it, and another knock extends it.
        daemon.LogAfter("Starting fwknopd main event loop", () => daemon.Process.Send(Signal.Hangup));
        foreach ((Family family, string network) in networks)
        {
            Assert.Equal(ProbeResult.Open, site.ProbeFromElsewhere(Site.Ssh, family));
            string extended = daemon.LogAfter(
                $"Extended access rule in FWKNOP_INPUT for {network}", () => site.Knock("tcp/22", family, "-f", "50"));
            Assert.True(SpaDaemon.ExpiryIn(extended) > ends[family], extended);
        }

        Assert.Equal(0, daemon.Stop());
        site.AssertNothingLeft();
    }

    [RootFact("nft")]
    public void A_second_factor_is_asked_for_and_counts_once()
    {
        using var site = new Site(Firewall.NftablesGuard);
        using var folder = new TemporaryFolder();
        string told = folder.FilePath("told");
        using SpaDaemon daemon = site.StartDaemon(
            $"FW_ACCESS_TIMEOUT 30\nSTANZA_NAME office\nTOTP_SECRET GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ\nNOTIFY_CMD touch {told}-$SRC-$PORT\n");
        daemon.LogAfter("The one-time password [(]TOTP[)] is missing, wrong or has been used", () => site.Knock());
        Assert.Equal(ProbeResult.NoAnswer, site.Probe());

        string code = OneTimePassword.Compute("12345678901234567890"u8, DateTimeOffset.UtcNow.ToUnixTimeSeconds() / 30, 6);
        daemon.LogAfter(
            $"[(]stanza #1 office[)] Granted tcp/22 for {site.Network.ClientAddress} to user 'tester' for 30 seconds",
            () => site.Knock("tcp/22", Family.IPv4, "--totp", code));
        Assert.Equal(ProbeResult.Open, site.Probe());
        Deadline.WaitUntil(() => File.Exists($"{told}-{site.Network.ClientAddress}-22"), TimeSpan.FromSeconds(10), "the notice");

        daemon.LogAfter(
            "The one-time password [(]TOTP[)] is missing, wrong or has been used", () => site.Knock("tcp/80", Family.IPv4, "--totp", code));
        Assert.Equal(ProbeResult.NoAnswer, site.Probe(Site.Web));
        Assert.Equal(0, daemon.Stop());
    }

    [RootTheory("nft", "iptables")]
    [InlineData(Firewall.NftablesGuard)]
    [InlineData(Firewall.NftablesInsert)]
    [InlineData(Firewall.Iptables)]
    public void A_second_knock_extends_the_grant(Firewall firewall)
    {
        using var site = new Site(firewall);
        using SpaDaemon daemon = site.StartDaemon("FW_ACCESS_TIMEOUT 60\n");
        long first = SpaDaemon.ExpiryIn(daemon.GrantAfter("tcp/22", () => site.Knock("tcp/22", Family.IPv4, "-f", "3")));
        string rules = site.FirewallRules();

        // Asks for less time at first: a shorter second knock must not cut a longer grant either.
        string extension = daemon.LogAfter("(Added|Extended) .* tcp/22, expires at", () => site.Knock("tcp/22", Family.IPv4, "-f", "10"));
        long second = SpaDaemon.ExpiryIn(extension);
        Assert.True(second > first, extension);
        daemon.LogAfter("(Added|Extended) .* tcp/22, expires at", () => site.Knock("tcp/22", Family.IPv4, "-f", "1"));

        Assert.Equal(rules.Split('\n').Length, site.FirewallRules().Split('\n').Length);
        Deadline.WaitUntil(() => DateTimeOffset.UtcNow.ToUnixTimeSeconds() > first, TimeSpan.FromSeconds(10), "the first grant's end");
        Assert.Equal(ProbeResult.Open, site.Probe());
        site.AssertClosesAt(second);
    }

    [RootTheory("nft", "iptables")]
    [InlineData(Firewall.NftablesGuard, "pcap")]
    [InlineData(Firewall.Iptables, "pcap")]
    [InlineData(Firewall.NftablesGuard, "UDP server")]
    public void Hundreds_of_grants_all_end_in_time(Firewall firewall, string capture)
    {
        const int Count = 300;
        using var site = new Site(firewall);
        if (capture == "UDP server")
        {
            site.Network.Server.RunChecked("nft", "flush", "table", "inet", "quiet");
        }

        using SpaDaemon daemon = site.StartDaemon("", "", capture == "UDP server" ? ["-U"] : []);
        IEnumerable<byte[]> packets = Enumerable.Range(0, Count).Select(number => System.Text.Encoding.ASCII.GetBytes(
            site.Seal(Protocol.PortSpec.Tcp(Site.Ssh), new System.Net.IPAddress([10, 99, (byte)(number / 200), (byte)((number % 200) + 1)]), 4)));

        // In bursts that the buffer of a socket can take while the records are written to the disk.
        foreach (byte[][] burst in packets.Chunk(20))
        {
            int before = daemon.Process.CountLines("Added .* tcp/22, expires at");
            UdpSender.Send(site.Network.Client, site.Network.ServerAddress, burst);
            daemon.WaitForLog("Added .* tcp/22, expires at", after: before + burst.Length - 1);
        }

        string last = daemon.WaitForLog("Added .* tcp/22, expires at", TimeSpan.FromSeconds(20), Count - 1);
        Deadline.WaitUntil(
            () => !site.FirewallRules().Contains("10.99.", StringComparison.Ordinal),
            Site.UntilSurely(SpaDaemon.ExpiryIn(last)),
            "all grants' end");
        daemon.WaitForLog("Removed rule ", after: Count - 1);
    }

    [RootFact("nft")]
    public void A_packet_sent_as_soon_as_the_daemon_says_it_is_ready_is_seen()
    {
        using var site = new Site(Firewall.NftablesGuard);
        for (int round = 0; round < 5; round++)
        {
            string packet = site.Seal(Protocol.PortSpec.Tcp(Site.Ssh));
            using SpaDaemon daemon = site.StartDaemon();
            site.Send(packet);
            daemon.WaitForLog("Added .* tcp/22, expires at");
            Assert.Equal(0, daemon.Stop());
        }
    }

    [RootFact("nft")]
    public void A_packet_is_a_replay_for_the_next_daemon_too()
    {
        using var site = new Site(Firewall.NftablesGuard);
        string packet = site.Seal(Protocol.PortSpec.Tcp(Site.Ssh));
        using (SpaDaemon first = site.StartDaemon())
        {
            first.GrantAfter("tcp/22", () => site.Send(packet));
            Assert.Equal(0, first.Stop());
        }

        using SpaDaemon second = site.StartDaemon();
        second.LogAfter("Replay detected from source IP", () => site.Send(packet));
        Assert.Equal(ProbeResult.NoAnswer, site.Probe());
    }

    [RootFact("nft")]
    public void Without_a_record_of_packets_one_that_is_sent_twice_is_granted_twice()
    {
        using var site = new Site(Firewall.NftablesGuard);
        string packet = site.Seal(Protocol.PortSpec.Tcp(Site.Ssh));
        using SpaDaemon daemon = site.StartDaemon(configuration: "ENABLE_DIGEST_PERSISTENCE N;\n");
        string first = daemon.GrantAfter("tcp/22", () => site.Send(packet));
        site.AssertClosesAt(SpaDaemon.ExpiryIn(first));

        daemon.GrantAfter("tcp/22", () => site.Send(packet));

        Assert.Equal(ProbeResult.Open, site.Probe());
        Assert.Equal(0, daemon.Process.CountLines("Replay detected"));
        Assert.Equal(0, daemon.Stop());
        Assert.Empty(Directory.GetFiles(site.RunFolder.Path, "digest.cache*", SearchOption.AllDirectories));
    }
}
