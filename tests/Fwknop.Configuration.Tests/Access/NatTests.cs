using System.Net;
using System.Net.Sockets;
using System.Text;
using Fwknop.Configuration.Access;
using Fwknop.Configuration.Server;
using Fwknop.Protocol;

namespace Fwknop.Configuration.Tests.Access;

/// <summary>FORCE_NAT and what belongs to it (server.md 4.2, 4.4 step 4; 13, Q25).</summary>
public sealed class NatTests
{
    private const string Keys = "SOURCE ANY\nKEY k\nHMAC_KEY h\nREQUIRE_SOURCE_ADDRESS Y\n";

    [Fact]
    public void Without_them_a_stanza_forces_nothing()
    {
        using AccessPolicy policy = AccessFileTests.Parse(Keys).Value!;

        Assert.False(policy.Stanzas[0].Nat.IsForced);
        Assert.Null(policy.Stanzas[0].Nat.TargetOf(PortSpec.Tcp(22), AddressFamily.InterNetwork));
    }

    [Fact]
    public void All_of_them_are_read()
    {
        using AccessPolicy policy = AccessFileTests.Parse(
            Keys + "FORCE_NAT 192.168.1.2 22\nFORCE_SNAT 192.168.1.1\nFORCE_MASQUERADE Y\nFORWARD_ALL Y\nDISABLE_DNAT Y\n").Value!;
        StanzaNat nat = policy.Stanzas[0].Nat;

        Assert.Equal([new ForcedTarget(IPAddress.Parse("192.168.1.2"), 22)], nat.Targets);
        Assert.Equal([IPAddress.Parse("192.168.1.1")], nat.SourceAddresses);
        Assert.True(nat is { Masquerades: true, ForwardsAll: true, KeepsDestination: true, IsForced: true });
    }

    /// <summary>
    /// lines, requested port, target; of lines for the same ports and family the last counts. A target of the wrong family, marked, is one that nobody is led to.
    /// </summary>
    [Theory]
    [InlineData("FORCE_NAT 10.0.0.1 22\nFORCE_NAT 10.0.0.2 23", "tcp/80", "10.0.0.2 23")]
    [InlineData("FORCE_NAT 10.0.0.1 22 tcp/80\nFORCE_NAT 10.0.0.2 23", "tcp/80", "10.0.0.1 22")]
    [InlineData("FORCE_NAT 10.0.0.1 22 tcp/80\nFORCE_NAT 10.0.0.2 23", "tcp/81", "10.0.0.2 23")]
    [InlineData("FORCE_NAT 10.0.0.1 22 tcp/80\nFORCE_NAT 10.0.0.2 23", "udp/80", "10.0.0.2 23")]
    [InlineData("FORCE_NAT 10.0.0.1 22 UDP\nFORCE_NAT 10.0.0.2 23 tcp", "udp/9", "10.0.0.1 22")]
    [InlineData("FORCE_NAT 10.0.0.1 22 tcp/80", "tcp/81", null)]
    [InlineData("FORCE_NAT 2001:db8::5 22", "tcp/81", "!2001:db8::5 22")]
    [InlineData("FORCE_NAT 2001:db8::5 22 tcp/80", "tcp/81", null)]
    [InlineData("FORCE_NAT 10.0.0.1 22\nFORCE_NAT 2001:db8::5 23", "tcp/80", "10.0.0.1 22")]
    [InlineData("FORCE_NAT 2001:db8::5 23\nFORCE_NAT 10.0.0.1 22", "tcp/80", "10.0.0.1 22")]
    [InlineData("FORCE_NAT 10.0.0.1 22\nFORCE_NAT 2001:db8::5 23\nFORCE_NAT 10.0.0.2 24", "tcp/80", "10.0.0.2 24")]
    [InlineData("FORCE_NAT 10.0.0.1 22\nFORCE_NAT 2001:db8::5 23 tcp/80", "tcp/80", "10.0.0.1 22")]
    [InlineData("FORCE_NAT 10.0.0.1 22 udp\nFORCE_NAT 2001:db8::5 23 tcp", "tcp/80", "!2001:db8::5 23")]
    public void The_line_that_says_most_about_the_port_counts(string lines, string requested, string? expected)
    {
        using AccessPolicy policy = AccessFileTests.Parse(Keys + lines).Value!;

        ForcedTarget? target = policy.Stanzas[0].Nat.TargetOf(Port(requested), AddressFamily.InterNetwork);

        Assert.Equal(expected, target is null ? null : $"{(target.Address.AddressFamily == AddressFamily.InterNetwork ? "" : "!")}{target.Address} {target.Port}");
    }

    /// <summary>lines, source address for IPv4, and for IPv6.</summary>
    [Theory]
    [InlineData("FORCE_SNAT 10.0.0.1", "10.0.0.1", null)]
    [InlineData("FORCE_SNAT 2001:db8::1", null, "2001:db8::1")]
    [InlineData("FORCE_SNAT 10.0.0.1\nFORCE_SNAT 2001:db8::1", "10.0.0.1", "2001:db8::1")]
    [InlineData("FORCE_SNAT 2001:db8::1\nFORCE_SNAT 10.0.0.1\nFORCE_SNAT 2001:db8::2", "10.0.0.1", "2001:db8::2")]
    [InlineData("FORCE_SNAT 10.0.0.1\nFORCE_SNAT 10.0.0.2", "10.0.0.2", null)]
    public void The_last_source_of_each_family_counts(string lines, string? ipv4, string? ipv6)
    {
        using AccessPolicy policy = AccessFileTests.Parse($"{Keys}FORCE_NAT 10.0.0.9 22\n{lines}").Value!;
        StanzaNat nat = policy.Stanzas[0].Nat;

        Assert.Equal(ipv4, nat.SourceAddress(AddressFamily.InterNetwork)?.ToString());
        Assert.Equal(ipv6, nat.SourceAddress(AddressFamily.InterNetworkV6)?.ToString());
    }

    /// <summary>The second of two lines is wrong.</summary>
    [Theory]
    [InlineData("FORCE_NAT 10.0.0.1 22\nFORCE_NAT 2001:db8::5", "invalid FORCE_NAT arg '2001:db8::5', need <IP> <PORT>")]
    [InlineData("FORCE_NAT 10.0.0.1 22\nFORCE_NAT fe80::5 22", "invalid FORCE_NAT IP 'fe80::5'")]
    [InlineData("FORCE_NAT 10.0.0.1 22\nFORCE_NAT ::ffff:10.0.0.1 22", "invalid FORCE_NAT IP '::ffff:10.0.0.1'")]
    [InlineData("FORCE_NAT 10.0.0.1 22\nFORCE_NAT 2001:db8::5 65536", "invalid FORCE_NAT port '65536'")]
    [InlineData("FORCE_NAT 10.0.0.1 22\nFORCE_NAT 2001:db8::5 22 icmp", "invalid FORCE_NAT requested port 'icmp', need tcp, udp or a port such as tcp/22")]
    [InlineData("FORCE_SNAT 10.0.0.1\nFORCE_SNAT ::1", "invalid FORCE_SNAT IP '::1'")]
    [InlineData("FORCE_SNAT 10.0.0.1\nFORCE_SNAT 10.0.0.1 2001:db8::1", "invalid FORCE_SNAT arg '10.0.0.1 2001:db8::1', need <IP>")]
    [InlineData("FORCE_SNAT 10.0.0.1\nFORCE_SNAT 10.0.0.1,2001:db8::1", "invalid FORCE_SNAT IP '10.0.0.1,2001:db8::1'")]
    public void A_line_that_is_wrong_is_named(string lines, string expected)
    {
        Loaded<AccessPolicy> loaded = AccessFileTests.Parse(Keys + lines);

        Assert.Contains(new ConfigDiagnostic("a.conf", 6, ConfigSeverity.Error, $"[*] Fatal: {expected}"), loaded.Diagnostics);
    }

    private static PortSpec Port(string text) =>
        PortSpec.TryParse(Encoding.ASCII.GetBytes(text), out PortSpec port) ? port : throw new FormatException(text);

    [Theory]
    [InlineData("FORCE_SNAT 1.2.3.4", 1, "FORCE_SNAT/FORCE_MASQUERADE requires either FORCE_NAT or FORWARD_ALL: 'ANY'")]
    [InlineData("FORCE_MASQUERADE Y", 1, "FORCE_SNAT/FORCE_MASQUERADE requires either FORCE_NAT or FORWARD_ALL: 'ANY'")]
    public void A_source_alone_is_refused(string line, int at, string expected)
    {
        Loaded<AccessPolicy> loaded = AccessFileTests.Parse(Keys + line);

        Assert.Contains(new ConfigDiagnostic("a.conf", at, ConfigSeverity.Error, $"[*] {expected}"), loaded.Diagnostics);
    }

    /// <summary>What fwknopd.conf must allow.</summary>
    [Theory]
    [InlineData("FORCE_NAT 1.2.3.4 22", "", "[*] FORCE_NAT requires either ENABLE_IPT_FORWARDING or ENABLE_IPT_LOCAL_NAT in fwknopd.conf")]
    [InlineData("FORCE_NAT 1.2.3.4 22", "forward", null)]
    [InlineData("FORCE_NAT 1.2.3.4 22", "local", null)]
    [InlineData("FORWARD_ALL Y", "local", "[*] FORWARD_ALL requires ENABLE_IPT_FORWARDING in fwknopd.conf: 'ANY'")]
    [InlineData("FORWARD_ALL Y", "forward", null)]
    [InlineData("FORCE_NAT 1.2.3.4 22\nFORCE_SNAT 1.2.3.4", "forward", "[*] FORCE_SNAT/FORCE_MASQUERADE requires ENABLE_IPT_SNAT in fwknopd.conf")]
    [InlineData("FORCE_NAT 1.2.3.4 22\nFORCE_MASQUERADE Y", "forward snat", null)]
    public void What_is_forced_must_be_enabled(string lines, string enabled, string? expected)
    {
        using TemporaryFolder folder = new();
        ServerConfig config = new()
        {
            AccessFile = folder.Write("access.conf", Keys + lines),
            Iptables = new ChainSettings
            {
                Forwards = enabled.Contains("forward", StringComparison.Ordinal),
                ForwardsLocally = enabled.Contains("local", StringComparison.Ordinal),
                TranslatesSource = enabled.Contains("snat", StringComparison.Ordinal),
            },
        };

        Loaded<AccessPolicy> loaded = AccessFile.Load(config, new AccessSystem(), TimeZoneInfo.Utc);

        string[] errors = [.. loaded.Diagnostics.Where(item => item.Severity == ConfigSeverity.Error).Select(item => item.Text)];
        if (expected is null)
        {
            Assert.Empty(errors);
        }
        else
        {
            Assert.Contains(expected, errors);
        }

        loaded.Value?.Dispose();
    }

    [Theory]
    [InlineData("FORCE_NAT 1.2.3.4 22", 5, "FORCE_NAT")]
    [InlineData("FORCE_NAT 1.2.3.4 22\nFORCE_SNAT 1.2.3.4", 5, "FORCE_NAT")]
    [InlineData("FORCE_SNAT 1.2.3.4", 5, "FORCE_SNAT")]
    [InlineData("FORCE_MASQUERADE Y", 5, "FORCE_MASQUERADE")]
    [InlineData("FORWARD_ALL Y", 1, "FORWARD_ALL")]
    [InlineData("DISABLE_DNAT Y", 0, null)]
    public void Nothing_is_forced_on_a_firewall_that_does_not_forward(string lines, int at, string? name)
    {
        foreach (FirewallType firewall in (FirewallType[])[FirewallType.Ipfw, FirewallType.Pf])
        {
            using TemporaryFolder folder = new();
            ServerConfig config = new()
            {
                AccessFile = folder.Write("access.conf", Keys + lines),
                FirewallType = firewall,
                Iptables = new ChainSettings { Forwards = true, TranslatesSource = true },
            };

            Loaded<AccessPolicy> loaded = AccessFile.Load(config, new AccessSystem(), TimeZoneInfo.Utc);

            ConfigDiagnostic[] errors = [.. loaded.Diagnostics.Where(item => item.Severity == ConfigSeverity.Error)];
            if (name is null)
            {
                Assert.Empty(errors);
            }
            else
            {
                Assert.Contains(new ConfigDiagnostic(config.AccessFile, at, ConfigSeverity.Error, $"[*] {name} not supported."), errors);
            }

            loaded.Value?.Dispose();
        }
    }
}
