using System.Net;
using Fwknop.Configuration.Server;
using Fwknop.Daemon.Enforcement;
using Fwknop.Daemon.Enforcement.Iptables;
using Fwknop.Grants;

namespace Fwknop.Daemon.Tests.Enforcement;

public sealed class IptablesTextTests
{
    private const string Good = "-s 10.0.0.1/32 -p tcp -m tcp --dport 22 -m comment --comment _exp_1700000000 -j ACCEPT";

    private static readonly ChainSettings All = new() { HasOutput = true, Forwards = true, ForwardsLocally = true, TranslatesSource = true };

    private static readonly IptablesLayout Plain = new(new ChainSettings());

    [Theory]
    [InlineData("10.0.0.1", "tcp/22", null, "-p 6 -s 10.0.0.1 -d 0.0.0.0/0 --dport 22 -m comment --comment _exp_17 -j ACCEPT")]
    [InlineData("10.0.0.1", "udp/53", "10.0.0.2", "-p 17 -s 10.0.0.1 -d 10.0.0.2 --dport 53 -m comment --comment _exp_17 -j ACCEPT")]
    [InlineData("2001:db8::1", "tcp/22", null, "-p 6 -s 2001:db8::1 -d ::/0 --dport 22 -m comment --comment _exp_17 -j ACCEPT")]
    [InlineData("10.0.0.0/24", "tcp/8000-8010", null, "-p 6 -s 10.0.0.0/24 -d 0.0.0.0/0 --dport 8000:8010 -m comment --comment _exp_17 -j ACCEPT")]
    [InlineData("2001:db8::/64", "udp/*", "::1", "-p 17 -s 2001:db8::/64 -d ::1 --dport 1:65535 -m comment --comment _exp_17 -j ACCEPT")]
    public void The_rule_has_the_form_of_fwknop(string source, string port, string? destination, string rule) =>
        Assert.Equal(
        rule, Assert.Single(new IptablesRules(Plain).Of(Grants.Key(source, port, destination))).TextUntil(17));

    /// <summary>How each is forwarded, and its rules as server.md 9.2.2 writes them: the chain, and what follows it; _exp_17 stands for the comment.</summary>
    public static TheoryData<string, string, string, object?, string[]> Forms()
    {
        IPAddress inner = IPAddress.Parse("10.5.5.5");
        IPAddress inner6 = IPAddress.Parse("2001:db8::5");
        SourceTranslation masquerade = new(null);
        SourceTranslation snat = new(IPAddress.Parse("10.6.6.6"));
        return new()
        {
            { "access", "10.0.0.1", "tcp/22", null, [
                "FWKNOP_INPUT -p 6 -s 10.0.0.1 -d 0.0.0.0/0 --dport 22 _exp_17 -j ACCEPT",
                "FWKNOP_OUTPUT -p 6 -d 10.0.0.1 -s 0.0.0.0/0 --sport 22 _exp_17 -j ACCEPT"] },
            { "forward", "10.0.0.1", "udp/80", new Translation(NatKind.Forward, inner, 22), [
                "FWKNOP_FORWARD -p 17 -s 10.0.0.1 --dport 22 _exp_17 -j ACCEPT",
                "FWKNOP_PREROUTING -p 17 -s 10.0.0.1 -d 0.0.0.0/0 --dport 80 _exp_17 -j DNAT --to-destination 10.5.5.5:22"] },
            { "forward IPv6", "2001:db8::1", "tcp/80", new Translation(NatKind.Forward, inner6, 22, Source: masquerade), [
                "FWKNOP_FORWARD -p 6 -s 2001:db8::1 --dport 22 _exp_17 -j ACCEPT",
                "FWKNOP_PREROUTING -p 6 -s 2001:db8::1 -d ::/0 --dport 80 _exp_17 -j DNAT --to-destination [2001:db8::5]:22",
                "FWKNOP_MASQUERADE -p 6 -d 2001:db8::5 --dport 22 _exp_17 -j MASQUERADE"] },
            { "forward with another source", "10.0.0.0/24", "tcp/80", new Translation(NatKind.Forward, inner, 22, Source: snat), [
                "FWKNOP_FORWARD -p 6 -s 10.0.0.0/24 --dport 22 _exp_17 -j ACCEPT",
                "FWKNOP_PREROUTING -p 6 -s 10.0.0.0/24 -d 0.0.0.0/0 --dport 80 _exp_17 -j DNAT --to-destination 10.5.5.5:22",
                "FWKNOP_POSTROUTING -p 6 -d 10.5.5.5 --dport 22 _exp_17 -j SNAT --to-source 10.6.6.6"] },
            { "DISABLE_DNAT", "10.0.0.1", "tcp/80", new Translation(NatKind.Forward, inner, 22, KeepsDestination: true), [
                "FWKNOP_FORWARD -p 6 -s 10.0.0.1 --dport 22 _exp_17 -j ACCEPT"] },
            { "FORWARD_ALL", "10.0.0.1", "tcp/1", new Translation(NatKind.Forward, inner, 0, IsForAll: true, Source: snat), [
                "FWKNOP_FORWARD -s 10.0.0.1 _exp_17 -j ACCEPT",
                "FWKNOP_PREROUTING -s 10.0.0.1 -d 0.0.0.0/0 _exp_17 -j DNAT --to-destination 10.5.5.5",
                "FWKNOP_POSTROUTING -s 10.0.0.1 _exp_17 -j SNAT --to-source 10.6.6.6"] },
            { "FORWARD_ALL to wherever", "10.0.0.1", "tcp/1", new Translation(NatKind.Forward, null, 0, IsForAll: true, Source: masquerade), [
                "FWKNOP_FORWARD -s 10.0.0.1 _exp_17 -j ACCEPT",
                "FWKNOP_MASQUERADE -s 10.0.0.1 _exp_17 -j MASQUERADE"] },
            { "local", "10.0.0.1", "tcp/80", new Translation(NatKind.Local, inner, 22, Source: masquerade), [
                "FWKNOP_INPUT -p 6 -s 10.0.0.1 -d 0.0.0.0/0 --dport 22 _exp_17 -j ACCEPT",
                "FWKNOP_PREROUTING -p 6 -s 10.0.0.1 -d 0.0.0.0/0 --dport 80 _exp_17 -j DNAT --to-destination 10.5.5.5:22",
                "FWKNOP_MASQUERADE -p 6 -d 10.5.5.5 --dport 22 _exp_17 -j MASQUERADE"] },
            { "local by whatever address", "10.0.0.1", "tcp/80", new Translation(NatKind.Local, null, 22, Source: snat), [
                "FWKNOP_INPUT -p 6 -s 10.0.0.1 -d 0.0.0.0/0 --dport 22 _exp_17 -j ACCEPT",
                "FWKNOP_PREROUTING -p 6 -s 10.0.0.1 -d 0.0.0.0/0 --dport 80 _exp_17 -j REDIRECT --to-ports 22"] },
        };
    }

    [Theory]
    [MemberData(nameof(Forms))]
    public void Every_rule_of_a_grant_has_the_form_of_fwknop(string what, string source, string port, object? translation, string[] rules)
    {
        Assert.NotEmpty(what);
        FirewallGrant grant = new(Grants.Network(source), null, [Grants.Range(port)], TimeSpan.FromSeconds(1), (Translation?)translation);
        IptablesRules ours = new(new IptablesLayout(All));
        GrantKey key = Assert.Single(grant.Keys);
        Assert.True(ours.CanMake(key));
        Assert.Equal(
            rules,
            ours.Of(key).Select(written => $"{written.Rule.Chain.Name} {written.TextUntil(17).Replace("-m comment --comment _exp_17", "_exp_17", StringComparison.Ordinal)}"));
        Assert.Equal(translation is null, new IptablesRules(Plain).CanMake(key));
    }

    [Theory]
    [InlineData("10.0.0.7", "10.0.0.7", "--to-destination 10.0.0.7:22")]
    [InlineData("10.0.0.7", null, "--to-destination 10.0.0.8:22")]
    public void A_local_rule_is_about_the_address_that_packets_have_by_then(string own, string? translated, string to)
    {
        GrantKey key = new(
            Grants.Network("10.0.0.1"), IPAddress.Parse("10.0.0.8"), Grants.Range("tcp/80"),
            new Translation(NatKind.Local, translated is null ? null : IPAddress.Parse(own), 22));
        string[] rules = [.. new IptablesRules(new IptablesLayout(All)).Of(key).Select(written => written.TextUntil(17))];
        Assert.Contains($" -d {(translated is null ? "10.0.0.8" : own)} --dport 22 ", rules[0], StringComparison.Ordinal);
        Assert.Contains(" -d 10.0.0.8 --dport 80 ", rules[1], StringComparison.Ordinal);
        Assert.EndsWith(to, rules[1], StringComparison.Ordinal);
    }

    [Fact]
    public void Chains_are_those_of_the_configuration()
    {
        Assert.Equal(["FWKNOP_INPUT"], Plain.Chains.Select(chain => chain.Name));
        Assert.Equal("FWKNOP_INPUT, FWKNOP_OUTPUT", new IptablesLayout(new ChainSettings { HasOutput = true, TranslatesSource = true }).Names);
        Assert.Equal("FWKNOP_INPUT, FWKNOP_FORWARD, FWKNOP_PREROUTING", new IptablesLayout(new ChainSettings { ForwardsLocally = true }).Names);
        IptablesLayout all = new(All);
        Assert.Equal("FWKNOP_INPUT, FWKNOP_OUTPUT, FWKNOP_FORWARD, FWKNOP_PREROUTING, FWKNOP_POSTROUTING, FWKNOP_MASQUERADE", all.Names);
        Assert.Equal(["nat", "filter"], all.OpeningOrder);
        Assert.Equal(["filter", "nat"], all.ClosingOrder);
    }

    [Fact]
    public void Two_kinds_of_rules_may_share_a_chain()
    {
        IptablesLayout layout = new(All with { Masquerade = All.Snat with { Target = "MASQUERADE" }, Output = All.Output with { ToChain = "FWKNOP_INPUT" } });
        Assert.Equal("FWKNOP_INPUT, FWKNOP_FORWARD, FWKNOP_PREROUTING, FWKNOP_POSTROUTING", layout.Names);
        Assert.Equal(["INPUT", "OUTPUT", "FORWARD", "PREROUTING", "POSTROUTING"], layout.Jumps.Select(jump => jump.From));
    }

    [Fact]
    public void A_script_is_one_transaction_for_each_table()
    {
        IptablesLayout layout = new(All);
        IptablesScript script = new(layout.OpeningOrder);
        Assert.True(script.IsEmpty);
        ChainJump jump = layout.Jumps.First();
        script.DeleteJumps(jump, 2);
        script.MakeChain(jump.Chain);
        WrittenRule[] rules = [.. new IptablesRules(layout).Of(
            new GrantKey(Grants.Network("10.0.0.1"), null, Grants.Range("tcp/80"), new Translation(NatKind.Local, null, 22)))];
        script.Add(rules[0], 17, prepend: true);
        script.Add(rules[1], 17, prepend: false);
        script.AddJump(jump, 3);
        Assert.Equal(
            """
            *nat
            -A FWKNOP_PREROUTING -p 6 -s 10.0.0.1 -d 0.0.0.0/0 --dport 80 -m comment --comment _exp_17 -j REDIRECT --to-ports 22
            COMMIT
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
        IptablesListing listing = Parse(
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
            -A FWKNOP_INPUT -s 10.0.0.0/24 -i eth0 -m comment --comment _exp_1700000002 -j ACCEPT

            """);

        Assert.True(listing.Has(Plain.Chains[0]));
        Assert.All(Plain.Chains, chain => Assert.True(listing.IsIntact(chain)));
        Assert.Equal(2, listing.CountOf(Plain.Jumps.First()));
        Assert.Equal([2, 3, 4], listing.Rules.Select(rule => rule.Number));
        Assert.Equal([1700000000, 1700000001, 1700000002], listing.Rules.Select(rule => rule.Epoch));
        Assert.Equal([Grants.Key("10.0.0.1", "tcp/22"), Grants.Key("10.0.0.1", "udp/53", "10.0.0.2"), null], listing.Rules.Select(KeyOf));
    }

    [Fact]
    public void A_chain_of_the_same_name_in_another_table_is_another()
    {
        IptablesLayout layout = new(All with { Dnat = All.Dnat with { ToChain = "FWKNOP_INPUT" } });
        IptablesListing listing = IptablesListing.Parse(new Dictionary<string, string> { ["nat"] = $"-N FWKNOP_INPUT\n-A FWKNOP_INPUT {Good}\n", ["filter"] = "" }, layout);
        Assert.False(listing.Has(layout.Chains[0]));
        Assert.Equal(new OwnChain("nat", "FWKNOP_INPUT"), Assert.Single(listing.Rules).Chain);
    }

    [Fact]
    public void Names_of_chains_may_have_hyphens()
    {
        IptablesLayout layout = new(new ChainSettings { Input = new ChainSpec("log-and-accept", "filter", "ufw-user-input", 1, "MY-CHAIN", 1) });
        string text = Good.Replace("ACCEPT", "log-and-accept", StringComparison.Ordinal);
        IptablesListing listing = IptablesListing.Parse(
            new Dictionary<string, string> { ["filter"] = $"-N MY-CHAIN\n-A ufw-user-input -j MY-CHAIN\n-A MY-CHAIN {text}\n" }, layout);
        Assert.True(listing.IsIntact(layout.Chains[0]));
        Assert.Equal("log-and-accept", Assert.Single(listing.Rules).Rule!.Target);
    }

    [Theory]
    [InlineData("-s 10.0.0.0/24 -p tcp -m tcp --dport 22", "10.0.0.0/24", "tcp/22")]
    [InlineData("-s 10.0.0.1/32 -p udp -m udp --dport 8000:8010", "10.0.0.1", "udp/8000-8010")]
    [InlineData("-s 2001:db8::/64 -p 6 --dport 1:65535", "2001:db8::/64", "tcp/*")]
    public void Rules_for_networks_and_ranges_are_read(string rule, string source, string ports) => Assert.Equal(
        Grants.Key(source, ports),
        Assert.Single(Parse($"-A FWKNOP_INPUT {rule} -m comment --comment _exp_17 -j ACCEPT\n").Rules.Select(KeyOf)));

    [Fact]
    public void IPv6_rules_are_read()
    {
        IptablesListing listing = Parse("-A FWKNOP_INPUT -s 2001:db8::1/128 -p tcp -m tcp --dport 22 -m comment --comment _exp_17 -j ACCEPT\n");
        Assert.Equal(Grants.Key("2001:db8::1", "tcp/22"), KeyOf(Assert.Single(listing.Rules)));
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
        Assert.Empty(Parse($"-A FWKNOP_INPUT {rule}\n").Rules);
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
    [InlineData("ports of the source", "--dport 22", "--sport 22")]
    [InlineData("another address written", "-j ACCEPT", "-j ACCEPT --to-destination 10.5.5.5:22")]
    [InlineData("another condition", "-j ACCEPT", "-m mark --mark 0x1 -j ACCEPT")]
    [InlineData("an interface", "-p tcp", "-i eth0 -p tcp")]
    public void A_rule_of_another_form_ends_in_time_but_is_no_grant_of_ours(string why, string from, string to)
    {
        Assert.NotEmpty(why);
        ListedRule rule = Assert.Single(
            Parse($"-A FWKNOP_INPUT {Good.Replace(from, to, StringComparison.Ordinal)}\n").Rules);
        Assert.Null(KeyOf(rule));
        Assert.Equal(1700000000, rule.Epoch);
    }

    [Theory]
    [InlineData("/usr/sbin/iptables", "/usr/sbin/iptables-restore", "/usr/sbin/ip6tables", "/usr/sbin/ip6tables-restore")]
    [InlineData(
        "/sbin/iptables-legacy", "/sbin/iptables-legacy-restore", "/sbin/ip6tables-legacy", "/sbin/ip6tables-legacy-restore")]
    public void The_other_programs_stand_beside_FIREWALL_EXE(string executable, string restore, string list6, string restore6)
    {
        IptablesPair pair = IptablesPrograms.Find(executable);
        Assert.Equal(new IptablesPrograms(executable, restore), pair.IPv4);
        Assert.Equal(new IptablesPrograms(list6, restore6) { Name = "ip6tables" }, pair.IPv6);
    }

    [Theory]
    [InlineData("iptables")]
    [InlineData("sbin/iptables")]
    [InlineData("/usr/sbin/firewall-cmd")]
    [InlineData("/usr/sbin/ip6tables")]
    [InlineData("/usr/sbin/iptables/")]
    [InlineData("")]
    public void Another_program_is_not_taken_for_iptables(string executable) =>
        Assert.Contains("FIREWALL_EXE must be the absolute path of iptables", Assert.Throws<FirewallException>(() => IptablesPrograms.Find(executable)).Message, StringComparison.Ordinal);

    [Theory]
    [InlineData("10.5.5.5:22", "10.5.5.5", 22)]
    [InlineData("10.5.5.5", "10.5.5.5", 0)]
    [InlineData("[2001:db8::5]:22", "2001:db8::5", 22)]
    [InlineData("2001:db8::5", "2001:db8::5", 0)]
    public void What_a_rule_writes_into_packets_is_read(string text, string address, int port)
    {
        IptablesRule rule = ReadTarget($"DNAT --to-destination {text}")!;
        Assert.Equal((IPAddress.Parse(address), (ushort)port, "DNAT"), (rule.NewAddress!, rule.NewPort, rule.Target));
    }

    [Theory]
    [InlineData("DNAT --to-destination :22")]
    [InlineData("DNAT --to-destination 10.5.5.5:0")]
    [InlineData("DNAT --to-destination 10.5.5.5:65536")]
    [InlineData("DNAT --to-destination 10.5.5.5:22:23")]
    [InlineData("DNAT --to-destination 10.5.5")]
    [InlineData("DNAT --to-destination 10.5.5.5-10.5.5.9")]
    [InlineData("DNAT --to-destination [2001:db8::5]")]
    [InlineData("DNAT --to-destination []:22")]
    [InlineData("DNAT --to-destination ")]
    [InlineData("DNAT --to-destination 10.5.5.5:22 --random")]
    [InlineData("REDIRECT --to-ports 22-23")]
    [InlineData("REDIRECT --to-ports 0")]
    public void A_target_of_another_form_is_not_read(string target) => Assert.Null(ReadTarget(target));

    private static IptablesRule? ReadTarget(string target) => RuleReader.Read(
        new OwnChain("nat", "FWKNOP_PREROUTING"), 1, $"-s 10.0.0.1/32 -m comment --comment _exp_17 -j {target}")!.Rule;

    private static IptablesListing Parse(string output) => IptablesListing.Parse(new Dictionary<string, string> { ["filter"] = output }, Plain);

    private static GrantKey? KeyOf(ListedRule listed) =>
        listed.Rule is { Target: "ACCEPT" } rule ? IptablesAdoption.KeyOf(rule) : null;
}
