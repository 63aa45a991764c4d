using System.Net;
using Fwknop.Daemon.Commands;

namespace Fwknop.Daemon.Tests.Commands;

/// <summary>The variables of command cycles (server.md 8.2).</summary>
public sealed class CommandVariablesTests
{
    private static readonly CommandVariables Variables = new(
        IPAddress.Parse("192.0.2.7"), IPAddress.Parse("198.51.100.9"), IPAddress.Parse("203.0.113.1"), 22, 6, 1795284607, 60);

    [Theory]
    [InlineData("$IP", "192.0.2.7")]
    [InlineData("$SRC", "192.0.2.7")]
    [InlineData("$PKT_SRC", "198.51.100.9")]
    [InlineData("$DST", "203.0.113.1")]
    [InlineData("$PORT", "22")]
    [InlineData("$PROTO", "6")]
    [InlineData("$TIMEOUT", "1795284607")]
    [InlineData("$CLIENT_TIMEOUT", "60")]
    [InlineData("$SRC,$PROTO:$PORT", "192.0.2.7,6:22")]
    [InlineData("$IPx", "192.0.2.7x")]
    [InlineData("$PROTOCOL", "6COL")]
    [InlineData("$WORD", "WORD")]
    [InlineData("$", "")]
    [InlineData("$$IP", "192.0.2.7")]
    [InlineData("a$ip", "aip")]
    [InlineData("plain", "plain")]
    public void Stand_for_what_the_packet_said(string word, string expected) => Assert.Equal([expected], Variables.Expand([word]));

    [Fact]
    public void Leave_words_words()
    {
        Assert.Equal(
            ["ipset", "add", "fwknop_allow", "192.0.2.7,6:22", "timeout", "60"],
            Variables.Expand(["ipset", "add", "fwknop_allow", "$SRC,$PROTO:$PORT", "timeout", "$CLIENT_TIMEOUT"]));
    }

    [Theory]
    [InlineData("fe80::1%3", "fe80::1")]
    [InlineData("2001:db8::1", "2001:db8::1")]
    public void Have_no_scope_in_an_address(string address, string expected) =>
        Assert.Equal([expected], (Variables with { Allow = IPAddress.Parse(address) }).Expand(["$SRC"]));
}
