using System.Net;
using Fwknop.Configuration.Access;

namespace Fwknop.Configuration.Tests.Access;

/// <summary>GRANT_PREFIX.</summary>
public class GrantPrefixTests
{
    [Theory]
    [InlineData("24", "192.0.2.77", "192.0.2.0/24")]
    [InlineData("24", "2001:db8::77", "2001:db8::77/128")]
    [InlineData("24,64", "2001:db8::1:77", "2001:db8::/64")]
    [InlineData("8, 32", "10.1.2.3", "10.0.0.0/8")]
    [InlineData("8, 32", "2001:db8:1::1", "2001:db8::/32")]
    [InlineData("32,128", "192.0.2.77", "192.0.2.77/32")]
    [InlineData("24,64", "::ffff:192.0.2.77", "192.0.2.0/24")]
    [InlineData("20", "192.0.47.77", "192.0.32.0/20")]
    public void MakesANetwork(string text, string address, string expected)
    {
        Assert.True(GrantPrefix.TryParse(text, out GrantPrefix? prefix));

        Assert.Equal(expected, prefix.NetworkOf(IPAddress.Parse(address)).ToString());
    }

    [Theory]
    [InlineData("")]
    [InlineData("7")]
    [InlineData("0")]
    [InlineData("33")]
    [InlineData("-24")]
    [InlineData("24,31")]
    [InlineData("24,129")]
    [InlineData("24,")]
    [InlineData(",64")]
    [InlineData("24,64,1")]
    [InlineData("/24")]
    [InlineData("24/64")]
    [InlineData("24 64")]
    public void Refuses(string text) => Assert.False(GrantPrefix.TryParse(text, out _));

    [Fact]
    public void OpensForOneAddressUnlessToldOtherwise()
    {
        Assert.Equal("192.0.2.1/32", GrantPrefix.Host.NetworkOf(IPAddress.Parse("192.0.2.1")).ToString());
        Assert.Same(GrantPrefix.Host, AccessFileTests.One("SOURCE ANY\nKEY k").Prefix);
    }
}
