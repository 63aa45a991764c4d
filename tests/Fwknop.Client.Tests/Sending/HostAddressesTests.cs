using System.Net;

namespace Fwknop.Client.Tests;

/// <summary>client.md 13.1 and 20: which addresses are tried, in which order.</summary>
public sealed class HostAddressesTests
{
    private static readonly FakeSender Names = new()
    {
        Addresses =
        {
            ["both"] = [IPAddress.Parse("2001:db8::1"), IPAddress.Parse("192.0.2.1"), IPAddress.Parse("2001:db8::2"), IPAddress.Parse("192.0.2.2")],
            ["four"] = [IPAddress.Parse("192.0.2.1")],
            ["six"] = [IPAddress.Parse("2001:db8::1")],
        },
    };

    [Theory]
    [InlineData("both", "Any", false, "192.0.2.1 192.0.2.2 2001:db8::1 2001:db8::2")]
    [InlineData("both", "Any", true, "2001:db8::1 2001:db8::2 192.0.2.1 192.0.2.2")]
    [InlineData("both", "IPv4", true, "192.0.2.1 192.0.2.2")]
    [InlineData("both", "IPv6", false, "2001:db8::1 2001:db8::2")]
    [InlineData("four", "Any", true, "192.0.2.1")]
    [InlineData("six", "Any", false, "2001:db8::1")]
    [InlineData("127.1", "Any", true, "127.0.0.1")]
    [InlineData("192.0.2.9", "IPv4", true, "192.0.2.9")]
    [InlineData("::ffff:192.0.2.9", "IPv4", false, "192.0.2.9")]
    [InlineData("[2001:DB8::9]", "IPv6", false, "2001:db8::9")]
    [InlineData("fe80::1%1", "Any", false, "fe80::1%1")]
    [InlineData("[fe80::1%lo]", "Any", false, "fe80::1%1")]
    public void Order(string host, string allowed, bool preferIPv6, string expected)
    {
        IReadOnlyList<IPAddress> found =
            new HostAddresses(Names).Find(host, Enum.Parse<AddressFamilies>(allowed), preferIPv6, out string? problem);
        Assert.Null(problem);
        Assert.Equal(expected, string.Join(' ', found));
    }

    [Theory]
    [InlineData("four", "IPv6")]
    [InlineData("six", "IPv4")]
    [InlineData("::1", "IPv4")]
    [InlineData("127.0.0.1", "IPv6")]
    public void Other_family(string host, string allowed)
    {
        Assert.Empty(new HostAddresses(Names).Find(host, Enum.Parse<AddressFamilies>(allowed), false, out string? problem));
        Assert.Equal("Address family for hostname not supported", problem);
    }

    [Theory]
    [InlineData("[::1]:80")]
    [InlineData("[::1")]
    [InlineData("::1]")]
    [InlineData("[[::1]]")]
    [InlineData("fe80::1%nonesuch")]
    [InlineData("1.2.3.4.5")]
    [InlineData(".168.10.1")]
    [InlineData("::1/64")]
    [InlineData("")]
    public void No_address(string host) => Assert.False(HostAddresses.TryParseLiteral(host, out _));

    [Theory]
    [InlineData("")]
    [InlineData(".168.10.1")]
    [InlineData("badhost.invalid")]
    [InlineData("a b")]
    [InlineData("[::1]:80")]
    [InlineData("x\0y")]
    public void Name_that_does_not_exist(string host)
    {
        Assert.Empty(new HostAddresses(new SystemNameLookup()).Find(host, AddressFamilies.Any, false, out string? problem));
        Assert.Contains(problem, new[] { "Name or service not known", "Temporary failure in name resolution" });
    }

    [Fact]
    public void Longest_of_names() =>
        Assert.Empty(new HostAddresses(new SystemNameLookup()).Find(new string('a', 2000), AddressFamilies.Any, false, out _));
}
