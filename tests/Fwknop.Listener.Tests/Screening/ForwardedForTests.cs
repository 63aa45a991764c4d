using System.Text;
using Fwknop.Configuration.Access;
using Fwknop.Listener.Screening;

namespace Fwknop.Listener.Tests.Screening;

public sealed class ForwardedForTests
{
    private const string Request = "GET /x HTTP/1.1\r\n";

    /// <summary>what, header lines, address, value that is told as wrong. Trusted are 10.0.0.0/8 and 2001:db8:1::/48.</summary>
    [Theory]
    [InlineData("one address", "X-Forwarded-For: 192.0.2.1\r\n\r\n", "192.0.2.1", null)]
    [InlineData("other case, no blank", "x-FORWARDED-for:192.0.2.1\r\n\r\n", "192.0.2.1", null)]
    [InlineData("line feeds alone", "X-Forwarded-For: 192.0.2.1\nHost: x\n\n", "192.0.2.1", null)]
    [InlineData("end of the data", "X-Forwarded-For: 192.0.2.1", "192.0.2.1", null)]
    [InlineData("the right-most that is no proxy", "X-Forwarded-For: 1.1.1.1, 192.0.2.1, 10.0.0.1 ,10.2.3.4\r\n\r\n", "192.0.2.1", null)]
    [InlineData("what is left of it may be anything", "X-Forwarded-For: <script>, 192.0.2.1\r\n\r\n", "192.0.2.1", null)]
    [InlineData("two lines are one list", "X-Forwarded-For: 192.0.2.1\r\nHost: x\r\nX-Forwarded-For: 192.0.2.2\r\n\r\n", "192.0.2.2", null)]
    [InlineData("all are proxies", "X-Forwarded-For: 10.0.0.9, 10.0.0.1\r\n\r\n", null, null)]
    [InlineData("IPv6", "X-Forwarded-For: 2001:DB8::1, 2001:db8:1::5\r\n\r\n", "2001:db8::1", null)]
    [InlineData("IPv6 in brackets", "X-Forwarded-For: [2001:db8::1]\r\n\r\n", "2001:db8::1", null)]
    [InlineData("IPv6 with a port", "X-Forwarded-For: [2001:db8::1]:65535\r\n\r\n", "2001:db8::1", null)]
    [InlineData("IPv4 with a port", "X-Forwarded-For: 192.0.2.1:80\r\n\r\n", "192.0.2.1", null)]
    [InlineData("mapped IPv4", "X-Forwarded-For: ::ffff:192.0.2.1\r\n\r\n", "192.0.2.1", null)]
    [InlineData("a mapped proxy is that proxy", "X-Forwarded-For: 192.0.2.1, ::ffff:10.0.0.1\r\n\r\n", "192.0.2.1", null)]
    [InlineData("none", "Host: x\r\n\r\n", null, null)]
    [InlineData("another header", "X-Forwarded-For-Other: 192.0.2.1\r\nForwarded: for=192.0.2.1\r\n\r\n", null, null)]
    [InlineData("in the body", "Host: x\r\n\r\nX-Forwarded-For: 192.0.2.1\r\n", null, null)]
    [InlineData("empty", "X-Forwarded-For:\r\n\r\n", null, "")]
    [InlineData("empty item", "X-Forwarded-For: 192.0.2.1,\r\n\r\n", null, "")]
    [InlineData("name", "X-Forwarded-For: unknown\r\n\r\n", null, "unknown")]
    [InlineData("wrong behind proxies", "X-Forwarded-For: 192.0.2.1, _hidden, 10.0.0.1\r\n\r\n", null, "_hidden")]
    [InlineData("short form", "X-Forwarded-For: 192.1\r\n\r\n", null, "192.1")]
    [InlineData("octal form", "X-Forwarded-For: 192.0.02.1\r\n\r\n", null, "192.0.02.1")]
    [InlineData("number", "X-Forwarded-For: 3232235777\r\n\r\n", null, "3232235777")]
    [InlineData("zone", "X-Forwarded-For: fe80::1%eth0\r\n\r\n", null, "fe80::1%eth0")]
    [InlineData("nobody", "X-Forwarded-For: 0.0.0.0\r\n\r\n", null, "0.0.0.0")]
    [InlineData("nobody, IPv6", "X-Forwarded-For: ::\r\n\r\n", null, "::")]
    [InlineData("brackets around IPv4", "X-Forwarded-For: [192.0.2.1]\r\n\r\n", null, "[192.0.2.1]")]
    [InlineData("open bracket", "X-Forwarded-For: [2001:db8::1\r\n\r\n", null, "[2001:db8::1")]
    [InlineData("port of letters", "X-Forwarded-For: 192.0.2.1:http\r\n\r\n", null, "192.0.2.1:http")]
    [InlineData("no port", "X-Forwarded-For: 192.0.2.1:\r\n\r\n", null, "192.0.2.1:")]
    [InlineData("two addresses with a blank", "X-Forwarded-For: 192.0.2.1 192.0.2.2\r\n\r\n", null, "192.0.2.1 192.0.2.2")]
    public void Finds(string what, string headers, string? expected, string? expectedInvalid)
    {
        Assert.True(AddressList.TryParse("10.0.0.0/8, 2001:db8:1::/48", out AddressList? proxies, out _));

        string? found = ForwardedFor.Find(Encoding.ASCII.GetBytes(Request + headers), proxies, out string? invalid)?.ToString();

        Assert.Equal((what, expected, expectedInvalid), (what, found, invalid));
    }
}
