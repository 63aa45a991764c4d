using System.Net;
using System.Text;
using Fwknop.Configuration;
using Fwknop.Configuration.Server;
using Fwknop.Daemon.Enforcement;
using Fwknop.Daemon.Enforcement.Nftables;
using Fwknop.Daemon.Lifecycle;
using Fwknop.Grants;
using Fwknop.Protocol;

namespace Fwknop.Daemon.Tests.Enforcement;

public sealed class NftTextTests
{
    private static readonly NftPlace Guard = new(NftFamily.Inet, "fwknop", "");
    private static readonly GrantEnd InOneMinute = new(TimeSpan.FromSeconds(60), 1060);

    [Theory]
    [InlineData("10.0.0.1", "tcp/22", null, "inet fwknop grants4 { 10.0.0.1 . tcp . 22 timeout 0d0h1m0s0ms }")]
    [InlineData("10.0.0.1", "udp/53", "10.0.0.2", "inet fwknop grants4_to { 10.0.0.1 . 10.0.0.2 . udp . 53 timeout 0d0h1m0s0ms }")]
    [InlineData("2001:db8::1", "tcp/22", null, "inet fwknop grants6 { 2001:db8::1 . tcp . 22 timeout 0d0h1m0s0ms }")]
    [InlineData("10.0.0.0/24", "tcp/22", null, "inet fwknop grants4_net24 { 10.0.0.0 . tcp . 22 timeout 0d0h1m0s0ms }")]
    [InlineData("2001:db8::/64", "tcp/22", "::1", "inet fwknop grants6_to_net64 { 2001:db8:: . ::1 . tcp . 22 timeout 0d0h1m0s0ms }")]
    [InlineData("10.0.0.1", "tcp/8000-8010", null, "inet fwknop grants4_tcp_8000_8010 { 10.0.0.1 timeout 0d0h1m0s0ms }")]
    [InlineData("10.0.0.0/8", "udp/*", "10.0.0.2", "inet fwknop grants4_to_net8_udp_1_65535 { 10.0.0.0 . 10.0.0.2 timeout 0d0h1m0s0ms }")]
    [InlineData("2001:db8::1", "tcp/22", "::1", "inet fwknop grants6_to { 2001:db8::1 . ::1 . tcp . 22 timeout 0d0h1m0s0ms }")]
    public void A_new_grant_is_one_element(string source, string port, string? destination, string element) =>
        Assert.Equal($"add element {element}\n", Changes(new GrantChange(Grants.Key(source, port, destination), null, InOneMinute)));

    [Fact]
    public void Rules_for_answers_are_refused() => Assert.StartsWith(
        "[*] ENABLE_IPT_OUTPUT needs iptables: ",
        Assert.Throws<StartupException>(() => Firewalls.Create(
            new ServerConfig { FirewallType = FirewallType.Nftables, GuardPorts = PortList.Of(PortSpec.Tcp(22)), Iptables = new ChainSettings { HasOutput = true } },
            new RecordingLog())).Message,
        StringComparison.Ordinal);

    [Fact]
    public void A_renewal_makes_the_element_anew() => Assert.Equal(
        """
        add element inet fwknop grants4 { 10.0.0.1 . tcp . 22 timeout 0d0h1m0s0ms }
        delete element inet fwknop grants4 { 10.0.0.1 . tcp . 22 }
        add element inet fwknop grants4 { 10.0.0.1 . tcp . 22 timeout 0d0h1m0s0ms }

        """,
        Changes(new GrantChange(Grants.Key("10.0.0.1", "tcp/22"), new GrantEnd(TimeSpan.FromSeconds(5), 1005), InOneMinute)));

    [Fact]
    public void A_grant_that_lasts_longer_already_is_left_alone() =>
        Assert.Empty(Changes(new GrantChange(Grants.Key("10.0.0.1", "tcp/22"), InOneMinute, InOneMinute)));

    [Fact]
    public void A_table_for_IPv4_gets_no_IPv6()
    {
        var script = new StringBuilder();
        var place = new NftPlace(NftFamily.Ip, "filter", "fwknop_");
        NftScript.AppendChanges(script, place, [new GrantChange(Grants.Key("::1", "tcp/22"), null, InOneMinute)], TimeSpan.Zero);
        NftScript.AppendAcceptRules(script, place, NftSet.OfHosts);
        Assert.Contains("ip saddr", script.ToString(), StringComparison.Ordinal);
        Assert.DoesNotContain("ip6", script.ToString(), StringComparison.Ordinal);
        Assert.DoesNotContain("add element", script.ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(30, "0d0h0m30s0ms")]
    [InlineData(0.25, "0d0h0m0s250ms")]
    [InlineData(8_388_608, "97d2h10m8s0ms")]
    public void A_time_is_written_in_units_that_nft_accepts(double seconds, string text)
    {
        TimeSpan time = TimeSpan.FromSeconds(seconds);
        Assert.Equal(text, NftScript.Duration(time));
        Assert.True(NftListing.TryParseDuration(text, out TimeSpan read));
        Assert.Equal(time, read);
    }

    [Theory]
    [InlineData("grants4", "ip saddr . meta l4proto . th dport", "{ type ipv4_addr . inet_proto . inet_service; flags timeout; }")]
    [InlineData("grants6_to", "ip6 saddr . ip6 daddr . meta l4proto . th dport", "{ type ipv6_addr . ipv6_addr . inet_proto . inet_service; flags timeout; }")]
    [InlineData("grants4_net20", "ip saddr & 255.255.240.0 . meta l4proto . th dport", "{ type ipv4_addr . inet_proto . inet_service; flags timeout; }")]
    [InlineData("grants6_net65", "ip6 saddr & ffff:ffff:ffff:ffff:8000:: . meta l4proto . th dport", "{ type ipv6_addr . inet_proto . inet_service; flags timeout; }")]
    [InlineData("grants4_tcp_8000_8010", "meta l4proto tcp th dport 8000-8010 ip saddr", "{ type ipv4_addr; flags timeout; }")]
    [InlineData("grants4_to_net24_udp_1_65535", "meta l4proto udp th dport 1-65535 ip saddr & 255.255.255.0 . ip daddr", "{ type ipv4_addr . ipv4_addr; flags timeout; }")]
    [InlineData("forward4_tcp_dnat", "tcp dport != 0 ip saddr . ct original proto-dst . ip daddr . th dport", "{ type ipv4_addr . inet_service . ipv4_addr . inet_service; flags timeout; }")]
    [InlineData("forward6_to_net64_udp_dnat_masquerade", "udp dport != 0 ip6 saddr & ffff:ffff:ffff:ffff:: . ct original ip6 daddr . ct original proto-dst . ip6 daddr . th dport", "{ type ipv6_addr . ipv6_addr . inet_service . ipv6_addr . inet_service; flags timeout; }")]
    [InlineData("forward4_tcp", "tcp dport != 0 ip saddr . ip daddr . th dport", "{ type ipv4_addr . ipv4_addr . inet_service; flags timeout; }")]
    [InlineData("forward4_all_snat_c0000201", "ip saddr", "{ type ipv4_addr; flags timeout; }")]
    [InlineData("forward4_to_all_dnat", "ip saddr . ct original ip daddr . ip daddr", "{ type ipv4_addr . ipv4_addr . ipv4_addr; flags timeout; }")]
    [InlineData("local4_to_tcp_redirect", "tcp dport != 0 ip saddr . ct original ip daddr . ct original proto-dst . th dport", "{ type ipv4_addr . ipv4_addr . inet_service . inet_service; flags timeout; }")]
    [InlineData("local6_udp_dnat", "udp dport != 0 ip6 saddr . ct original proto-dst . ip6 daddr . th dport", "{ type ipv6_addr . inet_service . ipv6_addr . inet_service; flags timeout; }")]
    [InlineData("local4_to_tcp", "tcp dport != 0 ip saddr . ip daddr . th dport", "{ type ipv4_addr . ipv4_addr . inet_service; flags timeout; }")]
    public void A_shape_of_grants_has_a_set_and_a_rule(string name, string selector, string definition)
    {
        Assert.True(NftSet.TryParse(name, out NftSet? set));
        Assert.Equal((name, selector, definition), (set.Name, set.Selector, set.Definition));
    }

    [Theory]
    [InlineData("open4")]
    [InlineData("grants5")]
    [InlineData("grants4_net33")]
    [InlineData("grants4_net32")]
    [InlineData("grants4_net024")]
    [InlineData("grants4_tcp_22_22")]
    [InlineData("grants4_tcp_0_22")]
    [InlineData("grants4_tcp_23_22")]
    [InlineData("grants4_tcp_22_65536")]
    [InlineData("grants4_sctp_22_23")]
    [InlineData("grants4_tcp_22")]
    [InlineData("grants4_tcp_22_23_to")]
    [InlineData("mygrants4")]
    [InlineData("grants4\n")]
    [InlineData("grants4_tcp")]
    [InlineData("grants4_all")]
    [InlineData("grants4_dnat")]
    [InlineData("grants4_masquerade")]
    [InlineData("forward4")]
    [InlineData("forward4_dnat")]
    [InlineData("forward4_tcp_22_23")]
    [InlineData("forward4_sctp_dnat")]
    [InlineData("forward4_tcp_dnat_masquerade_snat_c0000201")]
    [InlineData("forward4_tcp_dnat_snat_c000020")]
    [InlineData("forward4_tcp_dnat_snat_C0000201")]
    [InlineData("forward4_tcp_dnat_redirect")]
    [InlineData("guarded_tcp")]
    public void Another_set_is_not_ours(string name) => Assert.False(NftSet.TryParse(name, out _));

    [Fact]
    public void Listed_sets_and_elements_are_read()
    {
        const string Listing = """
            table inet fwknop { # handle 3
            	set grants4 { # handle 4
            		type ipv4_addr . inet_proto . inet_service
            		flags timeout
            		elements = { 1.2.3.4 . tcp . 22 timeout 3m20s expires 3m19s968ms,
            			     1.2.3.9 . udp . 53 timeout 200ms expires 188ms }
            	}

            	set blocked {
            		type ipv4_addr . inet_proto . inet_service
            		flags timeout
            		elements = { 9.2.3.4 . tcp . 22 timeout 3m20s expires 3m19s968ms }
            	}

            	set grants6_to { # handle 5
            		elements = { 2001:db8::1 . ::1 . tcp . 80 timeout 1d expires 23h }
            	}

            	set grants4_to_net24_tcp_8000_8010 { # handle 6
            		elements = { 10.0.0.0 . 10.1.0.1 timeout 1m expires 59s,
            			     10.0.9.0 . 10.1.0.1 timeout 1m expires 9s }
            	}

            	chain FWKNOP_INPUT { # handle 7
            		ip saddr & 255.255.255.0 . ip daddr @grants4_to_net24_tcp_8000_8010 accept # handle 8
            	}
            }
            """;
        Assert.Equal(
            [
                (Grants.Key("1.2.3.4", "tcp/22"), new TimeSpan(0, 0, 3, 19, 968)),
                (Grants.Key("1.2.3.9", "udp/53"), TimeSpan.FromMilliseconds(188)),
                (Grants.Key("2001:db8::1", "tcp/80", "::1"), TimeSpan.FromHours(23)),
                (Grants.Key("10.0.0.0/24", "tcp/8000-8010", "10.1.0.1"), TimeSpan.FromSeconds(59)),
                (Grants.Key("10.0.9.0/24", "tcp/8000-8010", "10.1.0.1"), TimeSpan.FromSeconds(9)),
            ],
            NftListing.Sets(Listing, Guard).SelectMany(found => NftListing.Elements(found.Listing, found.Set)));
    }

    [Theory]
    [InlineData("grants4", "ct status dnat meta l4proto { tcp, udp } ip saddr . meta l4proto . ct original proto-dst")]
    [InlineData("grants6_to_net64", "ct status dnat meta l4proto { tcp, udp } ip6 saddr & ffff:ffff:ffff:ffff:: . ct original ip6 daddr . meta l4proto . ct original proto-dst")]
    [InlineData("grants4_udp_8000_8010", "ct status dnat meta l4proto udp ct original proto-dst 8000-8010 ip saddr")]
    public void What_others_lead_elsewhere_is_told_by_what_was_asked_for(string name, string selector)
    {
        Assert.True(NftSet.TryParse(name, out NftSet? set));
        Assert.Equal(selector, set.OriginalSelector);
    }

    [Theory]
    [InlineData("10.0.0.1", "tcp/80", null, "192.168.1.10:22", "forward4_tcp_dnat { 10.0.0.1 . 80 . 192.168.1.10 . 22 }", "dnat4 { 10.0.0.1 . tcp . 80 : 192.168.1.10 . 22 }")]
    [InlineData("2001:db8::/64", "udp/80", "::1", "[fd00::1]:53 masquerade", "forward6_to_net64_udp_dnat_masquerade { 2001:db8:: . ::1 . 80 . fd00::1 . 53 }", "dnat6_to_net64 { 2001:db8:: . ::1 . udp . 80 : fd00::1 . 53 }")]
    [InlineData("10.0.0.1", "tcp/80", null, "192.168.1.10:22 keep", "forward4_tcp { 10.0.0.1 . 192.168.1.10 . 22 }", null)]
    [InlineData("10.0.0.1", "tcp/80", "10.0.0.2", "192.168.1.10:22 keep 192.0.2.1", "forward4_tcp_snat_c0000201 { 10.0.0.1 . 192.168.1.10 . 22 }", null)]
    [InlineData("10.0.0.1", "tcp/80", null, "all", "forward4_all { 10.0.0.1 }", null)]
    [InlineData("10.0.0.1", "tcp/80", "10.0.0.2", "all keep 192.168.1.10:22 masquerade", "forward4_all_masquerade { 10.0.0.1 }", null)]
    [InlineData("10.0.0.1", "tcp/80", "10.0.0.2", "all 192.168.1.10:22", "forward4_to_all_dnat { 10.0.0.1 . 10.0.0.2 . 192.168.1.10 }", "dnat4_to_all { 10.0.0.1 . 10.0.0.2 : 192.168.1.10 }")]
    [InlineData("10.0.0.1", "tcp/80", null, "local 10.0.0.2:22 masquerade", "local4_tcp_dnat { 10.0.0.1 . 80 . 10.0.0.2 . 22 }", "dnat4 { 10.0.0.1 . tcp . 80 : 10.0.0.2 . 22 }")]
    [InlineData("10.0.0.1", "tcp/80", null, "local :22", "local4_tcp_redirect { 10.0.0.1 . 80 . 22 }", "redirect4 { 10.0.0.1 . tcp . 80 : 22 }")]
    [InlineData("10.0.0.1", "tcp/80", "10.0.0.2", "local keep 10.0.0.2:22", "local4_to_tcp { 10.0.0.1 . 10.0.0.2 . 22 }", null)]
    public void A_forwarded_grant_is_an_element_of_a_set_and_of_a_map(string source, string port, string? destination, string way, string element, string? mapped)
    {
        FirewallGrant grant = NftGrants.Plain(new FirewallGrant(
            Grants.Network(source), destination is null ? null : IPAddress.Parse(destination), [Grants.Range(port)], TimeSpan.FromSeconds(60), Way(way)));
        GrantKey key = Assert.Single(grant.Keys);
        Assert.Equal(key, NftGrants.Plain(key));
        NftPlace place = NftPlace.Own(NftChains.Nat);
        Assert.Equal(
            mapped is null ? [element] : [element, mapped],
            place.ElementsOf(key).Select(found => $"{found.Path["inet fwknop ".Length..]} {{ {found.Key}{(found.Value is null ? "" : $" : {found.Value}")} }}"));

        // A restart finds it again by the set's name and the element.
        NftSet set = NftSet.Of(key);
        Assert.True(NftSet.TryParse(set.Name, out NftSet? named));
        Assert.Equal(set, named);
        Assert.Equal(key, named.Read(set.Element(key)));
    }

    [Theory]
    [InlineData("forward4_tcp_dnat", "10.0.0.1 . 80 . 192.168.1.10")]
    [InlineData("forward4_tcp_dnat", "10.0.0.1 . 80 . 192.168.1.10 . 22 . 22")]
    [InlineData("forward4_tcp_dnat", "10.0.0.1 . 80 . 192.168.1.10 . 0")]
    [InlineData("forward4_tcp_dnat", "10.0.0.1 . 0 . 192.168.1.10 . 22")]
    [InlineData("forward4_tcp_dnat", "10.0.0.1 . 80 . fd00::1 . 22")]
    [InlineData("forward4_tcp_dnat", "10.0.0.1 . 80 . host . 22")]
    [InlineData("forward4_tcp_dnat", "10.0.0.1 . 80 . 192.168.1.10 . 65536")]
    [InlineData("forward4_tcp_dnat", "0.0.0.0 . 80 . 192.168.1.10 . x")]
    [InlineData("forward6_all_snat_c0000201", "fd00::1")]
    [InlineData("forward4_all", "10.0.0.1 . 22")]
    [InlineData("forward4_net4_all", "16.0.0.0")]
    [InlineData("forward4_to_tcp", "10.0.0.1 . 10.0.0.2 . 10.0.0.3 . 22")]
    [InlineData("local4_tcp_dnat_masquerade", "10.0.0.1 . 80 . 10.0.0.2 . 22")]
    [InlineData("local4_tcp_redirect", "10.0.0.1 . 80 . 10.0.0.2 . 22")]
    public void What_is_no_forwarded_grant_is_passed_over(string name, string element)
    {
        Assert.True(NftSet.TryParse(name, out NftSet? set));
        Assert.Null(set.Read(element));
    }

    [Theory]
    [InlineData("dnat4", "fib daddr type local meta l4proto { tcp, udp } dnat ip to ip saddr . meta l4proto . th dport map @dnat4")]
    [InlineData("dnat6_to_net64", "fib daddr type local meta l4proto { tcp, udp } dnat ip6 to ip6 saddr & ffff:ffff:ffff:ffff:: . ip6 daddr . meta l4proto . th dport map @dnat6_to_net64")]
    [InlineData("dnat4_all", "fib daddr type local dnat ip to ip saddr map @dnat4_all")]
    [InlineData("redirect4", "fib daddr type local meta l4proto { tcp, udp } redirect to : ip saddr . meta l4proto . th dport map @redirect4")]
    public void A_map_has_a_rule(string name, string rule)
    {
        NftMap[] maps =
        [
            new(IsIPv6: false, HasDestination: false, 32, IsForAll: false, NftTurn.Dnat),
            new(IsIPv6: true, HasDestination: true, 64, IsForAll: false, NftTurn.Dnat),
            new(IsIPv6: false, HasDestination: false, 32, IsForAll: true, NftTurn.Dnat),
            new(IsIPv6: false, HasDestination: false, 32, IsForAll: false, NftTurn.Redirect),
        ];
        Assert.Equal(rule, Assert.Single(maps, map => map.Name == name).Rule);
    }

    [Theory]
    [InlineData("input", "input")]
    [InlineData("forward", "forward")]
    [InlineData("DOCKER-USER", "forward")]
    [InlineData("both", "forward,input")]
    [InlineData("alone", "")]
    [InlineData("nosuch", "")]
    public void The_hooks_of_a_chain_are_those_of_the_chains_that_lead_to_it(string chain, string hooks)
    {
        const string Listing = """
            table ip filter { # handle 1
            	chain input { # handle 2
            		type filter hook input priority filter; policy drop;
            		counter packets 0 bytes 0 jump both # handle 9
            		accept comment "jump alone" # handle 10
            	}

            	chain forward {
            		type filter hook forward priority filter; policy accept;
            		goto DOCKER-USER
            		iifname vmap { "a" : jump both, "b" : jump other }
            	}

            	chain DOCKER-USER { # handle 4
            		jump DOCKER-USER-2
            	}

            	chain both {
            		return
            	}

            	chain other {
            		jump other
            	}

            	chain alone {
            		jump both
            	}
            }
            """;
        Assert.Equal(hooks, string.Join(',', NftListing.HooksOf(Listing, chain).Order(StringComparer.Ordinal)));
    }

    [Theory]
    [InlineData("grants4", "no time: would never end", "{ 1.2.3.4 . tcp . 22 }")]
    [InlineData("grants4", "no remaining time", "{ 1.2.3.4 . tcp . 22 timeout 30s }")]
    [InlineData("grants4", "address that is none", "{ 1.2.3.400 . tcp . 22 timeout 30s expires 3s }")]
    [InlineData("grants4", "name instead of an address", "{ feed . tcp . 22 timeout 30s expires 3s }")]
    [InlineData("grants4", "port 0", "{ 1.2.3.4 . tcp . 0 timeout 30s expires 3s }")]
    [InlineData("grants4", "port too large", "{ 1.2.3.4 . tcp . 65536 timeout 30s expires 3s }")]
    [InlineData("grants4", "other protocol", "{ 1.2.3.4 . sctp . 22 timeout 30s expires 3s }")]
    [InlineData("grants4_to", "mixed families", "{ 1.2.3.4 . ::1 . tcp . 22 timeout 30s expires 3s }")]
    [InlineData("grants4", "other family", "{ ::1 . tcp . 22 timeout 30s expires 3s }")]
    [InlineData("grants4", "a destination", "{ 1.2.3.4 . 1.2.3.5 . tcp . 22 timeout 30s expires 3s }")]
    [InlineData("grants4_to", "no destination", "{ 1.2.3.4 . tcp . 22 timeout 30s expires 3s }")]
    [InlineData("grants4", "network", "{ 1.2.3.0/24 . tcp . 22 timeout 30s expires 3s }")]
    [InlineData("grants4", "range", "{ 1.2.3.4-1.2.3.9 . tcp . 22 timeout 30s expires 3s }")]
    [InlineData("grants4", "port range", "{ 1.2.3.4 . tcp . 22-23 timeout 30s expires 3s }")]
    [InlineData("grants4", "within a comment", "{ 9.9.9.9 comment \"1.2.3.4 . tcp . 22 timeout 30s expires 3s\" }")]
    [InlineData("grants4", "time out of order", "{ 1.2.3.4 . tcp . 22 timeout 30s expires 3s4m }")]
    [InlineData("grants4", "time too long", "{ 1.2.3.4 . tcp . 22 timeout 30s expires 999999999999d }")]
    [InlineData("grants4", "something after it", "{ 1.2.3.4 . tcp . 22 timeout 30s expires 3s; drop }")]
    [InlineData("grants4_net24", "a host", "{ 1.2.3.4 . tcp . 22 timeout 30s expires 3s }")]
    [InlineData("grants4_net4", "wider than any grant", "{ 16.0.0.0 . tcp . 22 timeout 30s expires 3s }")]
    [InlineData("grants4_tcp_22_23", "a port", "{ 1.2.3.4 . tcp . 22 timeout 30s expires 3s }")]
    [InlineData("grants4_tcp_22_23", "a network", "{ 1.2.3.0/24 timeout 30s expires 3s }")]
    public void What_is_not_exactly_an_element_of_ours_is_passed_over(string name, string why, string listing)
    {
        Assert.NotEmpty(why);
        Assert.True(NftSet.TryParse(name, out NftSet? set));
        Assert.Empty(NftListing.Elements(listing, set));
    }

    [Fact]
    public void Only_the_rule_with_the_exact_text_is_ours()
    {
        const string Rule = "jump FWKNOP_INPUT comment \"fwknopd\"";
        const string Listing = """
            	chain input { # handle 1
            		type filter hook input priority filter; policy drop;
            		jump FWKNOP_INPUT # handle 3
            		tcp dport 22 jump FWKNOP_INPUT comment "fwknopd" # handle 4
            		jump FWKNOP_INPUT comment "fwknopd" # handle 5
            		jump FWKNOP_INPUT comment "fwknopd" # handle 6; drop
            		jump FWKNOP_INPUT comment "fwknopd" # handle -7
            		accept comment "jump FWKNOP_INPUT" # handle 8
            	}
            """;
        Assert.Equal([5UL], NftListing.Handles(Listing, Rule));
    }

    [Theory]
    [InlineData("internal:0:0-0: Error: No such file or directory\nadd element x\n^^^\n", "No such file or directory")]
    [InlineData("Error: Could not process rule: Permission denied", "Could not process rule: Permission denied")]
    [InlineData("netlink: nothing", "netlink: nothing")]
    public void The_reason_is_the_first_error(string text, string reason) => Assert.Equal(reason, NftListing.Reason(text));

    [Fact]
    public void Established_connections_are_read_from_the_kernels_list()
    {
        const string List = """
              sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
               0: 0100007F:0016 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 1 1 0 100 0 0 10 0
               1: 01004D0A:0016 02004D0A:C000 01 00000000:00000000 00:00000000 00000000     0        0 2 1 0 100 0 0 10 0
               2: 0000000000000000FFFF000001004D0A:0016 0000000000000000FFFF000002004D0A:C001 01 0:0 0:0 0 0 0 3
               3: B80D0120000000000000000001000000:0016 B80D0120000000000000000002000000:C002 01 0:0 0:0 0 0 0 4
               4: 01004D0A:0016 02004D0A:C003 06 0:0 0:0 0 0 0 5
               5: 01004D0A:0016 B80D0120000000000000000002000000:C004 01 0:0 0:0 0 0 0 6
               6: 01004D0X:0016 02004D0A:C005 01 0:0 0:0 0 0 0 7
               7: 01004D0A 02004D0A:C006 01 0:0
            """;
        Assert.Equal(
            ["10.77.0.1:22 10.77.0.2:49152", "10.77.0.1:22 10.77.0.2:49153", "[2001:db8::1]:22 [2001:db8::2]:49154"],
            OpenConnection.Parse(List).Select(connection => $"{connection.Local} {connection.Remote}"));
    }

    /// <summary><c>[all] [local] [keep] [ADDRESS[:PORT]] [masquerade|ADDRESS]</c>.</summary>
    private static Translation Way(string text)
    {
        List<string> words = [.. text.Split(' ')];
        (bool all, bool local, bool keep, bool masquerade) = (words.Remove("all"), words.Remove("local"), words.Remove("keep"), words.Remove("masquerade"));
        string target = words.Count > 0 ? words[0] : "";
        IPEndPoint? end = target.StartsWith(':') || target.Length == 0 ? null : IPEndPoint.Parse(target);
        ushort port = end is not null ? (ushort)end.Port : target.Length > 0 ? ushort.Parse(target[1..], System.Globalization.CultureInfo.InvariantCulture) : (ushort)0;
        SourceTranslation? source = masquerade ? new SourceTranslation(null) : words.Count > 1 ? new SourceTranslation(IPAddress.Parse(words[1])) : null;
        return new Translation(local ? NatKind.Local : NatKind.Forward, end?.Address, port, all, keep, source);
    }

    private static string Changes(params GrantChange[] changes)
    {
        var script = new StringBuilder();
        NftScript.AppendChanges(script, Guard, changes, TimeSpan.Zero);
        return script.ToString();
    }
}
