using System.Net;
using Fwknop.Configuration.Access;

namespace Fwknop.Configuration.Tests.Access;

/// <summary>Address lists of server.md 4.3.</summary>
public class AddressListTests
{
    [Theory]
    [InlineData("ANY", "1.2.3.4", true)]
    [InlineData("any", "2001:db8::1", true)]
    [InlineData("10.0.0.1, aNy", "1.2.3.4", true)]
    [InlineData("10.0.0.1", "10.0.0.1", true)]
    [InlineData("10.0.0.1", "10.0.0.2", false)]
    [InlineData("10.0.0.1", "::ffff:10.0.0.1", true)]
    [InlineData("10.0.0.1, 10.0.0.3", "10.0.0.3", true)]
    [InlineData("10.0.0.0/8", "10.255.0.1", true)]
    [InlineData("10.0.0.0/8", "11.0.0.0", false)]
    [InlineData("10.1.2.3/16", "10.1.255.255", true)]
    [InlineData("10.1.2.3/16", "10.2.0.0", false)]
    [InlineData("10.1.2.3/255.255.0.0", "10.1.9.9", true)]
    [InlineData("10.1.2.3/255.255.0.0", "10.2.9.9", false)]
    [InlineData("10.1.2.3/255.255.255.255", "10.1.2.3", true)]
    [InlineData("10.1.2.3/0.0.0.0", "9.9.9.9", true)]
    [InlineData("1.2.3.4/24 , 5.6.7.8", "1.2.3.99", true)]
    [InlineData("10.0.0.0/31", "10.0.0.1", true)]
    [InlineData("10.0.0.0/31", "10.0.0.2", false)]
    [InlineData("10.1", "10.0.0.1", true)]
    [InlineData("10.1", "10.1.0.0", false)]
    [InlineData("0x7f.1", "127.0.0.1", true)]
    [InlineData("0.0.0.0/0", "1.2.3.4", true)]
    [InlineData("0.0.0.0/0", "2001:db8::1", false)]
    [InlineData("::/0", "2001:db8::1", true)]
    [InlineData("::/0", "1.2.3.4", false)]
    [InlineData("2001:db8::1", "2001:db8::1", true)]
    [InlineData("2001:db8::1", "2001:db8::2", false)]
    [InlineData("2001:db8::ffff/64", "2001:db8::1", true)]
    [InlineData("2001:db8::ffff/64", "2001:db8:0:1::1", false)]
    [InlineData("2001:db8::/127", "2001:db8::2", false)]
    [InlineData("::ffff:10.0.0.0/104", "10.1.2.3", true)]
    [InlineData("10.0.0.1, 2001:db8::/32", "2001:db8:1::1", true)]
    public void Matches(string text, string address, bool expected)
    {
        Assert.True(AddressList.TryParse(text, out AddressList? list, out IReadOnlyList<string> errors));
        Assert.Empty(errors);
        Assert.Equal(expected, list!.Contains(IPAddress.Parse(address)));
        Assert.Equal(text, list.ToString());
    }

    [Theory]
    [InlineData("", "[*] Fatal error parsing IP to int for: ")]
    [InlineData("1.2.3.4,", "[*] Fatal error parsing IP to int for: ")]
    [InlineData("1.2.3.4,,5.6.7.8", "[*] Fatal error parsing IP to int for: ")]
    [InlineData("1.2.3.4.5", "[*] Fatal error parsing IP to int for: 1.2.3.4.5")]
    [InlineData("1.2.3.256", "[*] Fatal error parsing IP to int for: 1.2.3.256")]
    [InlineData("1.2.3.4 junk", "[*] Fatal error parsing IP to int for: 1.2.3.4 junk")]
    [InlineData("!1.2.3.4", "[*] Fatal error parsing IP to int for: !1.2.3.4")]
    [InlineData("1.2.3.4-1.2.3.9", "[*] Fatal error parsing IP to int for: 1.2.3.4-1.2.3.9")]
    [InlineData("example.org", "[*] Fatal error parsing IP to int for: example.org")]
    [InlineData("ANYONE", "[*] Fatal error parsing IP to int for: ANYONE")]
    [InlineData("fe80::1%eth0", "[*] Fatal error parsing IP to int for: fe80::1%eth0")]
    [InlineData("[::1]", "[*] Fatal error parsing IP to int for: [::1]")]
    [InlineData("[::1]:22", "[*] Fatal error parsing IP to int for: [::1]:22")]
    [InlineData("2001:db8:::1", "[*] Fatal error parsing IP to int for: 2001:db8:::1")]
    [InlineData("1.2.3.4/", "[*] Missing mask value.")]
    [InlineData("1.2.3.4/33", "[*] Invalid IP mask str '33'.")]
    [InlineData("1.2.3.4/-1", "[*] Invalid IP mask str '-1'.")]
    [InlineData("1.2.3.4/+8", "[*] Invalid IP mask str '+8'.")]
    [InlineData("1.2.3.4/008", "[*] Invalid IP mask str '008'.")]
    [InlineData("1.2.3.4/abc", "[*] Invalid IP mask str 'abc'.")]
    [InlineData("1.2.3.4/8/8", "[*] Invalid IP mask str '8/8'.")]
    [InlineData("1.2.3.4/255.255.255.999", "[*] Fatal error parsing IP mask to int for: 255.255.255.999")]
    [InlineData("1.2.3.4/2001:db8::", "[*] Fatal error parsing IP mask to int for: 2001:db8::")]
    [InlineData("1.2.3.4/255.0.255.0", "[*] Invalid IP mask str '255.0.255.0'.")]
    [InlineData("2001:db8::/129", "[*] Invalid IP mask str '129'.")]
    [InlineData("2001:db8::/255.255.255.0", "[*] Invalid IP mask str '255.255.255.0'.")]
    public void Refuses(string text, string expected)
    {
        Assert.False(AddressList.TryParse(text, out AddressList? list, out IReadOnlyList<string> errors));
        Assert.Equal([expected], errors);
        Assert.Null(list);
    }

    [Fact]
    public void ReportsEveryBadItem()
    {
        Assert.False(AddressList.TryParse("x, 1.2.3.4, y, 1.2.3.4/99", out _, out IReadOnlyList<string> errors));
        Assert.Equal(3, errors.Count);
    }
}
