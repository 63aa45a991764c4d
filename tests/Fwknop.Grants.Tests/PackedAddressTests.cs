using System.Net;


namespace Fwknop.Grants.Tests;

public sealed class PackedAddressTests
{
    [Theory]
    [InlineData("0.0.0.0")]
    [InlineData("192.0.2.7")]
    [InlineData("255.255.255.255")]
    [InlineData("::")]
    [InlineData("::1")]
    [InlineData("2001:db8::7")]
    [InlineData("::192.0.2.7")]
    [InlineData("ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff")]
    public void An_address_survives_packing(string text)
    {
        var address = IPAddress.Parse(text);

        var packed = PackedAddress.From(address);

        Assert.Equal(address, packed.ToIPAddress());
        Assert.Equal(address.AddressFamily, packed.ToIPAddress().AddressFamily);
        Assert.Equal(packed, PackedAddress.Read(address.GetAddressBytes()));
    }

    [Fact]
    public void A_mapped_address_is_the_IPv4_address() =>
        Assert.Equal(PackedAddress.From(IPAddress.Parse("192.0.2.7")), PackedAddress.From(IPAddress.Parse("::ffff:192.0.2.7")));

    [Fact]
    public void The_default_is_no_IPv4_address() => Assert.Equal(IPAddress.IPv6Any, default(PackedAddress).ToIPAddress());
}
