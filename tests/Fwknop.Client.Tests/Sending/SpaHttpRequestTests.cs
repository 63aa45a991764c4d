using System.Text;

namespace Fwknop.Client.Tests;

/// <summary>client.md 13.4.</summary>
public sealed class SpaHttpRequestTests
{
    private const string Agent = "Fwknop/2.6.10";

    [Theory]
    [InlineData("spa.example.org", false, "/", "spa.example.org")]
    [InlineData("spa.example.org", true, "http://spa.example.org/", "spa.example.org")]
    [InlineData("127.0.0.1", false, "/", "127.0.0.1")]
    [InlineData("::1", true, "http://[::1]/", "[::1]")]
    [InlineData("[2001:db8::1]", true, "http://[2001:db8::1]/", "[2001:db8::1]")]
    [InlineData("fe80::1%1", false, "/", "[fe80::1]")]
    public void Request(string host, bool throughProxy, string target, string name)
    {
        byte[] request = SpaHttpRequest.Make("a+b/c"u8, host, Agent, throughProxy, out string? problem);
        Assert.Null(problem);
        Assert.Equal(
            $"GET {target}a-b_c HTTP/1.1\r\nUser-Agent: {Agent}\r\nAccept: */*\r\nHost: {name}\r\nConnection: close\r\n\r\n",
            Encoding.ASCII.GetString(request));
    }

    [Fact]
    public void Limit()
    {
        byte[] shortest = SpaHttpRequest.Make([], "h", Agent, false, out _);
        byte[] packet = Encoding.ASCII.GetBytes(new string('x', SpaHttpRequest.MaxLength - shortest.Length));
        Assert.Equal(SpaHttpRequest.MaxLength, SpaHttpRequest.Make(packet, "h", Agent, false, out string? problem).Length);
        Assert.Null(problem);
        SpaHttpRequest.Make([.. packet, (byte)'x'], "h", Agent, false, out problem);
        Assert.Equal("[*] The HTTP request has 2000 bytes, at most 1999 can be sent.", problem);
    }

    [Theory]
    [InlineData("h\r\nX: y", Agent)]
    [InlineData("h x", Agent)]
    [InlineData("h", "Fwknop\nX: y")]
    [InlineData("h", "Fwknop\0")]
    [InlineData("h", "Fwknop\u0085")]
    public void Nothing_may_add_a_line(string host, string agent)
    {
        Assert.Empty(SpaHttpRequest.Make("x"u8, host, agent, false, out string? problem));
        Assert.Equal("[*] The destination or the user agent has characters that end a line of an HTTP request.", problem);
    }
}
