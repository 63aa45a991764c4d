namespace Fwknop.Client.Tests;

/// <summary>client.md 13.4: <c>-H [http://]host[:port]</c>.</summary>
public sealed class ProxyAddressTests
{
    [Theory]
    [InlineData("proxy", "proxy", null)]
    [InlineData("proxy:3128", "proxy", 3128)]
    [InlineData("http://proxy", "proxy", null)]
    [InlineData("HTTP://proxy:80", "proxy", 80)]
    [InlineData("http://proxy:80/path:9/x", "proxy", 80)]
    [InlineData("http://proxy/path", "proxy", null)]
    [InlineData("http://proxy/path:9", "proxy", null)]
    [InlineData("http://proxy:65535/", "proxy", 65535)]
    [InlineData("192.0.2.1:1", "192.0.2.1", 1)]
    [InlineData("2001:db8::1", "2001:db8::1", null)]
    [InlineData("http://2001:db8::1/", "2001:db8::1", null)]
    [InlineData("[2001:db8::1]", "2001:db8::1", null)]
    [InlineData("[2001:db8::1]:3128", "2001:db8::1", 3128)]
    [InlineData("http://[::1]:3128/path", "::1", 3128)]
    [InlineData("http://[::1]/path", "::1", null)]
    [InlineData("", "", null)]
    [InlineData(":80", "", 80)]
    [InlineData("http://", "", null)]
    [InlineData("[x", "[x", null)]
    public void Proxy(string text, string host, int? port) => Assert.Equal(new ProxyAddress(host, port), ProxyAddress.TryParse(text));

    [Theory]
    [InlineData("proxy:")]
    [InlineData("proxy:0")]
    [InlineData("proxy:65536")]
    [InlineData("proxy:99999999999999999999")]
    [InlineData("proxy:abc")]
    [InlineData("proxy:80abc")]
    [InlineData("proxy:-1")]
    [InlineData("proxy:+80")]
    [InlineData("proxy: 80")]
    [InlineData("proxy:/80")]
    [InlineData("https://proxy/")]
    [InlineData("[::1]:")]
    [InlineData("[::1]:x")]
    [InlineData("1:2:3")]
    public void Bad_port(string text) => Assert.Null(ProxyAddress.TryParse(text));
}
