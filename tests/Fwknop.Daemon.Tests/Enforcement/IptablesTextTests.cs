using Fwknop.Configuration.Server;
using Fwknop.Daemon.Enforcement.Iptables;

namespace Fwknop.Daemon.Tests.Enforcement;

public sealed class IptablesTextTests
{
    private const string Good = "-s 10.0.0.1/32 -p tcp -m tcp --dport 22 -m comment --comment _exp_1700000000 -j ACCEPT";

    private static readonly ChainSpec Chain = new("ACCEPT", "filter", "INPUT", 1, "FWKNOP_INPUT", 1);

    [Theory]
    [InlineData("10.0.0.1", "tcp/22", null, "-p 6 -s 10.0.0.1 -d 0.0.0.0/0 --dport 22 -m comment --comment _exp_17 -j ACCEPT")]
    [InlineData("10.0.0.1", "udp/53", "10.0.0.2", "-p 17 -s 10.0.0.1 -d 10.0.0.2 --dport 53 -m comment --comment _exp_17 -j ACCEPT")]
    [InlineData("2001:db8::1", "tcp/22", null, "-p 6 -s 2001:db8::1 -d ::/0 --dport 22 -m comment --comment _exp_17 -j ACCEPT")]
    [InlineData("10.0.0.0/24", "tcp/8000-8010", null, "-p 6 -s 10.0.0.0/24 -d 0.0.0.0/0 --dport 8000:8010 -m comment --comment _exp_17 -j ACCEPT")]
    [InlineData("2001:db8::/64", "udp/*", "::1", "-p 17 -s 2001:db8::/64 -d ::1 --dport 1:65535 -m comment --comment _exp_17 -j ACCEPT")]
    public void The_rule_has_the_form_of_fwknop(string source, string port, string? destination, string rule) =>
        Assert.Equal(rule, IptablesScript.Rule(Chain, Grants.Key(source, port, destination), 17));

    [Fact]
    public void A_script_is_one_transaction_of_one_table()
    {
        var script = new IptablesScript(Chain with { JumpPosition = 3 });
        Assert.True(script.IsEmpty);
        script.DeleteJumps(2);
        script.MakeChain();
        script.Add(Grants.Key("10.0.0.1", "tcp/22"), 17, prepend: true);
        script.AddJump();
        Assert.Equal(
            """
            *filter
            -D INPUT -j FWKNOP_INPUT
            -D INPUT -j FWKNOP_INPUT
            :FWKNOP_INPUT - [0:0]
            -I FWKNOP_INPUT -p 6 -s 10.0.0.1 -d 0.0.0.0/0 --dport 22 -m comment --comment _exp_17 -j ACCEPT
            -I INPUT 3 -j FWKNOP_INPUT
            COMMIT

            """,
            script.ToString());
    }

    [Fact]
    public void Chain_jumps_and_rules_are_read()
    {
        IptablesListing listing = IptablesListing.Parse(
            $"""
            # Warning: iptables-legacy tables present, use iptables-legacy to see them
            -P INPUT DROP
            -N FWKNOP_INPUT
            -N OTHER
            -A INPUT -j FWKNOP_INPUT
            -A INPUT -i lo -j FWKNOP_INPUT
            -A INPUT -j FWKNOP_INPUT
            -A FWKNOP_INPUT -s 10.9.9.9/32 -j DROP
            -A FWKNOP_INPUT {Good}
            -A OTHER {Good}
            -A FWKNOP_INPUT -s 10.0.0.1/32 -d 10.0.0.2/32 -p udp -m udp --dport 53 -m comment --comment "_exp_1700000001" -j ACCEPT
            -A FWKNOP_INPUT -s 10.0.0.0/24 -m comment --comment _exp_1700000002 -j ACCEPT

            """,
            Chain);

        Assert.True(listing.HasChain);
        Assert.Equal(2, listing.Jumps);
        Assert.Equal([2, 3, 4], listing.Rules.Select(rule => rule.Number));
        Assert.Equal([1700000000, 1700000001, 1700000002], listing.Rules.Select(rule => rule.Epoch));
        Assert.Equal(
            [Grants.Key("10.0.0.1", "tcp/22"), Grants.Key("10.0.0.1", "udp/53", "10.0.0.2"), null],
            listing.Rules.Select(rule => rule.Key));
    }

    [Theory]
    [InlineData("-s 10.0.0.0/24 -p tcp -m tcp --dport 22", "10.0.0.0/24", "tcp/22")]
    [InlineData("-s 10.0.0.1/32 -p udp -m udp --dport 8000:8010", "10.0.0.1", "udp/8000-8010")]
    [InlineData("-s 2001:db8::/64 -p 6 --dport 1:65535", "2001:db8::/64", "tcp/*")]
    public void Rules_for_networks_and_ranges_are_read(string rule, string source, string ports) => Assert.Equal(
        Grants.Key(source, ports),
        Assert.Single(IptablesListing.Parse($"-A FWKNOP_INPUT {rule} -m comment --comment _exp_17 -j ACCEPT\n", Chain).Rules).Key);

    [Fact]
    public void IPv6_rules_are_read()
    {
        IptablesListing listing = IptablesListing.Parse(
            "-A FWKNOP_INPUT -s 2001:db8::1/128 -p tcp -m tcp --dport 22 -m comment --comment _exp_17 -j ACCEPT\n", Chain);
        Assert.Equal(Grants.Key("2001:db8::1", "tcp/22"), Assert.Single(listing.Rules).Key);
    }

    [Theory]
    [InlineData("no comment", "-s 10.0.0.1/32 -p tcp -m tcp --dport 22 -j ACCEPT")]
    [InlineData("empty time", "-s 10.0.0.1/32 -m comment --comment _exp_ -j ACCEPT")]
    [InlineData("letters in the time", "-s 10.0.0.1/32 -m comment --comment _exp_17x -j ACCEPT")]
    [InlineData("negative time", "-s 10.0.0.1/32 -m comment --comment _exp_-17 -j ACCEPT")]
    [InlineData("time too large", "-s 10.0.0.1/32 -m comment --comment _exp_99999999999999999999 -j ACCEPT")]
    [InlineData("words around the time", "-s 10.0.0.1/32 -m comment --comment \"see _exp_17\" -j ACCEPT")]
    [InlineData("time in another argument", "-s 10.0.0.1/32 -m string --string _exp_17 -j ACCEPT")]
    [InlineData("control character", "-s 10.0.0.1/32 -m comment --comment _exp_17 -j ACCEPT\r")]
    [InlineData("not ASCII", "-s 10.0.0.1/32 -m comment --comment _exp_17 -m comment --comment \u00e9 -j ACCEPT")]
    public void A_rule_without_our_comment_is_not_ours(string why, string rule)
    {
        Assert.NotEmpty(why);
        Assert.Empty(IptablesListing.Parse($"-A FWKNOP_INPUT {rule}\n", Chain).Rules);
    }

    [Theory]
    [InlineData("network with host bits", "10.0.0.1/32", "10.0.0.1/24")]
    [InlineData("network wider than any grant", "10.0.0.1/32", "10.0.0.0/7")]
    [InlineData("IPv4 prefix length on IPv6", "10.0.0.1/32", "2001:db8::1/32")]
    [InlineData("IPv6 network wider than any grant", "10.0.0.1/32", "2001:da0::/31")]
    [InlineData("a network as destination", "-p tcp", "-d 10.1.0.0/24 -p tcp")]
    [InlineData("not an address", "10.0.0.1/32", "10.0.0.256/32")]
    [InlineData("negated", "-s 10.0.0.1/32", "! -s 10.0.0.1/32")]
    [InlineData("other target", "-j ACCEPT", "-j DROP")]
    [InlineData("port range backwards", "--dport 22", "--dport 23:22")]
    [InlineData("port range from 0", "--dport 22", "--dport 0:22")]
    [InlineData("port range too long", "--dport 22", "--dport 22:65536")]
    [InlineData("port range without end", "--dport 22", "--dport 22:")]
    [InlineData("port 0", "--dport 22", "--dport 0")]
    [InlineData("port too large", "--dport 22", "--dport 65536")]
    [InlineData("other protocol", "-p tcp -m tcp", "-p sctp -m sctp")]
    [InlineData("another condition", "-j ACCEPT", "-m mark --mark 0x1 -j ACCEPT")]
    [InlineData("an interface", "-p tcp", "-i eth0 -p tcp")]
    public void A_rule_of_another_form_ends_in_time_but_is_no_grant_of_ours(string why, string from, string to)
    {
        Assert.NotEmpty(why);
        ListedRule rule = Assert.Single(
            IptablesListing.Parse($"-A FWKNOP_INPUT {Good.Replace(from, to, StringComparison.Ordinal)}\n", Chain).Rules);
        Assert.Null(rule.Key);
        Assert.Equal(1700000000, rule.Epoch);
    }

    [Theory]
    [InlineData("/usr/sbin/iptables", "/usr/sbin/iptables-restore", "/usr/sbin/ip6tables", "/usr/sbin/ip6tables-restore")]
    [InlineData(
        "/sbin/iptables-legacy", "/sbin/iptables-legacy-restore", "/sbin/ip6tables-legacy", "/sbin/ip6tables-legacy-restore")]
    public void The_other_programs_stand_beside_FIREWALL_EXE(string executable, string restore, string list6, string restore6)
    {
        Assert.True(IptablesPrograms.TryFind(executable, ipv6: false, out IptablesPrograms? ipv4));
        Assert.True(IptablesPrograms.TryFind(executable, ipv6: true, out IptablesPrograms? ipv6));
        Assert.Equal(new IptablesPrograms(executable, restore), ipv4);
        Assert.Equal(new IptablesPrograms(list6, restore6), ipv6);
    }

    [Theory]
    [InlineData("iptables")]
    [InlineData("sbin/iptables")]
    [InlineData("/usr/sbin/firewall-cmd")]
    [InlineData("/usr/sbin/ip6tables")]
    [InlineData("/usr/sbin/iptables/")]
    [InlineData("")]
    public void Another_program_is_not_taken_for_iptables(string executable) =>
        Assert.False(IptablesPrograms.TryFind(executable, ipv6: false, out _));
}
