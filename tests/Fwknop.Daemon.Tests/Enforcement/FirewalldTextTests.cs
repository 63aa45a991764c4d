using Fwknop.Configuration.Server;
using Fwknop.Daemon.Enforcement;
using Fwknop.Daemon.Enforcement.Firewalld;
using Fwknop.Daemon.Enforcement.Iptables;
using Fwknop.Daemon.Lifecycle;
using Fwknop.Grants;

namespace Fwknop.Daemon.Tests.Enforcement;

/// <summary>What is written for firewall-cmd and read from it; and which way is chosen.</summary>
public sealed class FirewalldTextTests
{
    private const int First = -20000;

    [Theory]
    [InlineData("""rule priority="-20000" family="ipv4" source address="10.0.0.1" port port="22" protocol="tcp" accept""")]
    [InlineData("""rule priority="-10001" family="ipv4" source address="10.0.0.0/24" destination address="10.0.0.9" port port="1-65535" protocol="udp" accept""")]
    [InlineData("""rule priority="-15000" family="ipv6" source address="2001:db8::/64" destination address="2001:db8::9" port port="20-25" protocol="tcp" accept""")]
    [InlineData("""rule priority="-15000" family="ipv4" source address="10.0.0.1" forward-port port="8022" protocol="tcp" to-port="22" to-addr="192.168.1.10" """)]
    [InlineData("""rule priority="-15000" family="ipv6" source address="2001:db8::1" forward-port port="8022" protocol="udp" to-port="22" """)]
    public void A_rule_is_read_as_it_is_written(string line)
    {
        string text = line.TrimEnd();
        Assert.True(RichRule.TryParse(text, First, out RichRule? rule));
        Assert.Equal(text, rule!.ToString());
        long epoch = rule.EndFrom(1_700_000_000, First);
        Assert.InRange(epoch, 1_700_000_000, 1_700_000_000 + RichRule.Priorities - 1);
        Assert.Equal(rule, RichRule.Of(rule.Key, epoch, First));
        Assert.Equal(epoch, rule.EndFrom(epoch, First));
        Assert.Equal(epoch + RichRule.Priorities, rule.EndFrom(epoch + 1, First));
    }

    [Theory]
    [InlineData("")]
    [InlineData("""rule priority="-20001" family="ipv4" source address="10.0.0.1" port port="22" protocol="tcp" accept""")]
    [InlineData("""rule priority="-10000" family="ipv4" source address="10.0.0.1" port port="22" protocol="tcp" accept""")]
    [InlineData("""rule priority="-99999" family="ipv4" source address="10.0.0.1" port port="22" protocol="tcp" accept""")]
    [InlineData("""rule priority="" family="ipv4" source address="10.0.0.1" port port="22" protocol="tcp" accept""")]
    [InlineData("""rule family="ipv4" source address="10.0.0.1" port port="22" protocol="tcp" accept""")]
    [InlineData("""rule priority="-15000" family="ipv6" source address="10.0.0.1" port port="22" protocol="tcp" accept""")]
    [InlineData("""rule priority="-15000" family="ipv4" source address="10.0.0.1" destination address="2001:db8::1" port port="22" protocol="tcp" accept""")]
    [InlineData("""rule priority="-15000" family="ipv4" source address="10.0.0.1/24" port port="22" protocol="tcp" accept""")]
    [InlineData("""rule priority="-15000" family="ipv4" source address="10.0.0.0/4" port port="22" protocol="tcp" accept""")]
    [InlineData("""rule priority="-15000" family="ipv4" source address="10.0.0.0/999" port port="22" protocol="tcp" accept""")]
    [InlineData("""rule priority="-15000" family="ipv4" source NOT address="10.0.0.1" port port="22" protocol="tcp" accept""")]
    [InlineData("""rule priority="-15000" family="ipv4" source address="10.0.0.1" port port="0" protocol="tcp" accept""")]
    [InlineData("""rule priority="-15000" family="ipv4" source address="10.0.0.1" port port="65536" protocol="tcp" accept""")]
    [InlineData("""rule priority="-15000" family="ipv4" source address="10.0.0.1" port port="25-20" protocol="tcp" accept""")]
    [InlineData("""rule priority="-15000" family="ipv4" source address="10.0.0.1" port port="22" protocol="sctp" accept""")]
    [InlineData("""rule priority="-15000" family="ipv4" source address="10.0.0.1" port port="22" protocol="tcp" drop""")]
    [InlineData("""rule priority="-15000" family="ipv4" source address="10.0.0.1" port port="22" protocol="tcp" log accept""")]
    [InlineData("""rule priority="-15000" family="ipv4" source address="10.0.0.1" port port="22" protocol="tcp" accept limit value="1/m" """)]
    [InlineData("""rule priority="-15000" family="ipv4" source address="10.0.0.1" port port="22" protocol="tcp" acc""")]
    [InlineData("""rule priority="-15000" family="ipv4" source address="10.0.0.1" port port="22" protocol="tcp" to-port="22" """)]
    [InlineData("""rule priority="-15000" family="ipv4" source address="10.0.0.1" forward-port port="22" protocol="tcp" accept""")]
    [InlineData("""rule priority="-15000" family="ipv4" source address="10.0.0.1" forward-port port="22" protocol="tcp" to-port="0" """)]
    [InlineData("""rule priority="-15000" family="ipv4" source address="10.0.0.1" forward-port port="22" protocol="tcp" to-port="22" to-addr="2001:db8::1" """)]
    [InlineData("""rule priority="-15000" family="ipv4" source ipset="bad" port port="22" protocol="tcp" accept""")]
    public void Rules_of_another_form_are_not_ours(string line) => Assert.False(RichRule.TryParse(line.TrimEnd(), First, out _));

    [Fact]
    public void A_local_port_without_translation_is_let_in_itself()
    {
        GrantKey key = new(Grants.Network("10.0.0.1"), null, Grants.Range("tcp/8022"), new Translation(NatKind.Local, null, 22, KeepsDestination: true));
        Assert.Null(RichRule.WhyNot(key));
        Assert.Equal(
            """rule priority="-19999" family="ipv4" source address="10.0.0.1" port port="22" protocol="tcp" accept""", RichRule.Of(key, 50_001, First).ToString());
    }

    [Theory]
    [InlineData("-p 6 -s 10.0.0.1 -j ACCEPT", new[] { "-p", "6", "-s", "10.0.0.1", "-j", "ACCEPT" })]
    [InlineData("""--comment "a \"b\" \\ c" -j X""", new[] { "--comment", """a "b" \ c""", "-j", "X" })]
    [InlineData("""a "" b""", new[] { "a", "", "b" })]
    [InlineData("""a "b""", new[] { "a", "b" })]
    [InlineData("""a "b\""", new[] { "a", """b\""" })]
    public void Lines_are_split_as_iptables_restore_does(string line, string[] words) => Assert.Equal(words, DirectLine.Split(line));

    [Fact]
    public void Rules_are_added_before_others_are_removed_and_each_can_be_undone()
    {
        string[] lines = ["-D INPUT -j X", ":X - [0:0]", "-D X -s 10.0.0.1 -j ACCEPT", "-A X -s 10.0.0.2 -j ACCEPT", "-I INPUT 1 -j X", "-I X -s 10.0.0.3 -j ACCEPT"];
        Assert.Equal(
            [
                ("-t filter -N X", "-t filter -F X", "-t filter -X X"),
                ("-t filter -A X -s 10.0.0.2 -j ACCEPT", "", "-t filter -D X -s 10.0.0.2 -j ACCEPT"),
                ("-t filter -I INPUT 1 -j X", "", "-t filter -D INPUT -j X"),
                ("-t filter -I X -s 10.0.0.3 -j ACCEPT", "", "-t filter -D X -s 10.0.0.3 -j ACCEPT"),
                ("-t filter -D INPUT -j X", "", "-t filter -I INPUT -j X"),
                ("-t filter -D X -s 10.0.0.1 -j ACCEPT", "", "-t filter -I X -s 10.0.0.1 -j ACCEPT"),
            ],
            Read(lines));
        Assert.Equal(
            [("-t filter -D INPUT -j X", "", "-t filter -I INPUT -j X"), ("-t filter -F X", "", ""), ("-t filter -X X", "", "-t filter -N X")],
            Read(["-D INPUT -j X", "-F X", "-X X"]));

        static (string, string, string)[] Read(string[] lines) =>
            [.. DirectLine.InOrder("filter", lines).Select(line => (string.Join(' ', line.Arguments), string.Join(' ', line.Otherwise ?? []), string.Join(' ', line.Undo ?? [])))];
    }

    [Fact]
    public void A_zone_is_chosen_by_its_variable()
    {
        ServerConfig config = new() { FirewallType = FirewallType.Firewalld };
        Assert.IsType<IptablesFirewall>(Firewalls.Create(config, new RecordingLog()));
        Assert.Equal("firewalld", Firewalls.Create(config, new RecordingLog()).Name);
        Assert.Equal("firewalld, zone dmz", Firewalls.Create(config with { FirewalldZone = "dmz" }, new RecordingLog()).Description);
        Assert.IsType<FirewalldZone>(Firewalls.Create(config with { FirewalldZone = "default" }, new RecordingLog()));
    }

    [Theory]
    [InlineData("ENABLE_FIREWD_OUTPUT")]
    [InlineData("ENABLE_FIREWD_SNAT")]
    public void A_zone_has_no_such_rules(string name)
    {
        ChainSettings chains = new() { HasOutput = name == "ENABLE_FIREWD_OUTPUT", TranslatesSource = name == "ENABLE_FIREWD_SNAT" };
        ServerConfig config = new() { FirewallType = FirewallType.Firewalld, FirewalldZone = "dmz", Firewalld = chains };
        StartupException error = Assert.Throws<StartupException>(() => Firewalls.Create(config, new RecordingLog()));
        Assert.Equal($"[*] {name} needs direct rules of firewalld: leave FIREWD_ZONE unset, or {name} N", error.Message);
    }

    [Fact]
    public void The_program_must_be_named_with_its_path() =>
        Assert.Throws<FirewallException>(() => Firewalls.Create(
            new ServerConfig { FirewallType = FirewallType.Firewalld, GivenFirewallExe = "firewall-cmd" }, new RecordingLog()));
}
