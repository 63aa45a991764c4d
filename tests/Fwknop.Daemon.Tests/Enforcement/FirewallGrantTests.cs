using System.Net;
using Fwknop.Configuration;
using Fwknop.Daemon.Enforcement;

namespace Fwknop.Daemon.Tests.Enforcement;

public sealed class FirewallGrantTests
{
    private static readonly PortRange[] Ssh = [Grants.Range("tcp/22")];
    private static readonly IPNetwork Loopback = Grants.Network("127.0.0.1");

    [Theory]
    [InlineData("everybody", "0.0.0.0", null)]
    [InlineData("everybody, IPv6", "::", null)]
    [InlineData("everybody as an IPv4-mapped address", "::ffff:0.0.0.0", null)]
    [InlineData("everybody as a network", "0.0.0.0/0", null)]
    [InlineData("everybody as a network, IPv6", "::/0", null)]
    [InlineData("more than GRANT_PREFIX may name", "10.0.0.0/7", null)]
    [InlineData("more than GRANT_PREFIX may name, IPv6", "2001::/31", null)]
    [InlineData("IPv4 written as IPv6", "::ffff:0:0/96", null)]
    [InlineData("everywhere", "10.0.0.1", "0.0.0.0")]
    [InlineData("everywhere, IPv6", "2001:db8::1", "::")]
    public void An_address_that_is_no_host_is_refused(string why, string source, string? destination)
    {
        Assert.NotEmpty(why);
        Assert.ThrowsAny<ArgumentException>(() => new FirewallGrant(
            Grants.Network(source), destination is null ? null : IPAddress.Parse(destination), Ssh, TimeSpan.FromSeconds(1)));
    }

    [Fact]
    public void A_grant_of_no_port_is_refused()
    {
        Assert.ThrowsAny<ArgumentException>(() => new FirewallGrant(Loopback, null, [], TimeSpan.FromSeconds(1)));
        Assert.ThrowsAny<ArgumentException>(() => new FirewallGrant(Loopback, null, [PortRange.Of(default)], TimeSpan.FromSeconds(1)));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(-1)]
    public void A_grant_for_no_time_is_refused(int seconds) =>
        Assert.ThrowsAny<ArgumentException>(() => new FirewallGrant(Loopback, null, Ssh, TimeSpan.FromSeconds(seconds)));

    [Fact]
    public void An_IPv4_mapped_address_is_the_IPv4_address() =>
        Assert.Equal(Grants.Network("10.0.0.1"), Grants.Of("::ffff:10.0.0.1", "tcp/22", 1).Source);

    [Fact]
    public void A_scope_does_not_reach_command_text() =>
        Assert.Equal("fe80::1 -> ::/0 tcp/22", new FirewallGrant(new IPNetwork(IPAddress.Parse("fe80::1%7"), 128), null, Ssh, TimeSpan.FromSeconds(1)).Description);

    [Fact]
    public void Later_changes_of_the_list_do_not_reach_the_grant()
    {
        List<PortRange> ports = [.. Ssh];
        var grant = new FirewallGrant(Loopback, null, ports, TimeSpan.FromSeconds(1));
        ports.Add(Grants.Range("tcp/23"));
        Assert.Single(grant.Ports);
    }
}
