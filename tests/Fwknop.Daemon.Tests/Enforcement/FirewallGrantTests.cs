using System.Net;
using Fwknop.Daemon.Enforcement;
using Fwknop.Protocol;

namespace Fwknop.Daemon.Tests.Enforcement;

public sealed class FirewallGrantTests
{
    private static readonly PortSpec[] Ssh = [PortSpec.Tcp(22)];

    [Theory]
    [InlineData("everybody", "0.0.0.0", null)]
    [InlineData("everybody, IPv6", "::", null)]
    [InlineData("everybody as an IPv4-mapped address", "::ffff:0.0.0.0", null)]
    [InlineData("everywhere", "10.0.0.1", "0.0.0.0")]
    [InlineData("everywhere, IPv6", "2001:db8::1", "::")]
    public void An_address_that_is_no_host_is_refused(string why, string source, string? destination)
    {
        Assert.NotEmpty(why);
        Assert.ThrowsAny<ArgumentException>(() => new FirewallGrant(
            IPAddress.Parse(source), destination is null ? null : IPAddress.Parse(destination), Ssh, TimeSpan.FromSeconds(1)));
    }

    [Fact]
    public void A_grant_of_no_port_is_refused()
    {
        Assert.ThrowsAny<ArgumentException>(() => new FirewallGrant(IPAddress.Loopback, null, [], TimeSpan.FromSeconds(1)));
        Assert.ThrowsAny<ArgumentException>(() => new FirewallGrant(IPAddress.Loopback, null, [default], TimeSpan.FromSeconds(1)));
        Assert.ThrowsAny<ArgumentException>(
            () => new FirewallGrant(IPAddress.Loopback, null, [PortSpec.Tcp(22), default], TimeSpan.FromSeconds(1)));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(-1)]
    public void A_grant_for_no_time_is_refused(int seconds) =>
        Assert.ThrowsAny<ArgumentException>(() => new FirewallGrant(IPAddress.Loopback, null, Ssh, TimeSpan.FromSeconds(seconds)));

    [Fact]
    public void An_IPv4_mapped_address_is_the_IPv4_address() =>
        Assert.Equal(IPAddress.Parse("10.0.0.1"), Grants.Of("::ffff:10.0.0.1", "tcp/22", 1).Source);

    [Fact]
    public void A_scope_does_not_reach_command_text() =>
        Assert.Equal("fe80::1", Grants.Of("fe80::1%7", "tcp/22", 1).Source.ToString());

    [Fact]
    public void Later_changes_of_the_list_do_not_reach_the_grant()
    {
        List<PortSpec> ports = [PortSpec.Tcp(22)];
        var grant = new FirewallGrant(IPAddress.Loopback, null, ports, TimeSpan.FromSeconds(1));
        ports.Add(PortSpec.Tcp(23));
        Assert.Single(grant.Ports);
    }
}
