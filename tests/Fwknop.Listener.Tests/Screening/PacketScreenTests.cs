using System.Text;
using Fwknop.Listener.Screening;
using Fwknop.Protocol;

namespace Fwknop.Listener.Tests.Screening;

/// <summary>What anybody may send (server.md 5.6 and 6, steps 1 to 4): most of it ends here.</summary>
public sealed class PacketScreenTests
{
    private const string Agent = "User-Agent: Fwknop/2.6.11\r\n";

    /// <summary>What, payload ({n:c} is n times c), outcome.</summary>
    [Theory]
    [InlineData("nothing", "", Outcome.BadData)]
    [InlineData("one too short", "{139:A}", Outcome.BadData)]
    [InlineData("shortest", "{140:A}", Outcome.None)]
    [InlineData("longest", "{1500:A}", Outcome.None)]
    [InlineData("one too long", "{1501:A}", Outcome.BadData)]
    [InlineData("every letter", "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/={140:A}", Outcome.None)]
    [InlineData("with the prefix of a salted text", "U2FsdGVkX1{140:A}", Outcome.BadData)]
    [InlineData("with most of that prefix", "U2FsdGVkX{140:A}", Outcome.None)]
    [InlineData("prefix not at the beginning", "AU2FsdGVkX1{140:A}", Outcome.None)]
    [InlineData("prefix of OpenPGP text", "hQ{399:A}", Outcome.BadData)]
    [InlineData("short with the prefix of OpenPGP", "hQ{398:A}", Outcome.None)]
    [InlineData("blank", "{140:A} {10:A}", Outcome.NotSpaData)]
    [InlineData("line feed at the end", "{200:A}\n", Outcome.NotSpaData)]
    [InlineData("minus", "{140:A}-", Outcome.NotSpaData)]
    [InlineData("underscore", "{140:A}_", Outcome.NotSpaData)]
    [InlineData("zero byte", "{140:A}\0", Outcome.NotSpaData)]
    [InlineData("beyond ASCII", "{140:A}\u00e9", Outcome.NotSpaData)]
    [InlineData("HTTP when off", "GET /{140:A} HTTP/1.1\r\n" + Agent, Outcome.NotSpaData)]
    internal void Judges_a_bare_packet(string what, string payload, Outcome expected)
    {
        Outcome found = Screen(payload, default, out string text);
        Assert.True(expected == found, $"{what}: {found}");
        Assert.Equal(expected == Outcome.None ? Expand(payload) : "", text);
    }

    /// <summary>With ENABLE_SPA_OVER_HTTP Y.</summary>
    [Theory]
    [InlineData("request", "GET /{140:A} HTTP/1.1\r\n" + Agent, Outcome.None, "{140:A}")]
    [InlineData("bare packet", "{140:A}", Outcome.None, "{140:A}")]
    [InlineData("letters translated", "GET /-_+/{140:A} HTTP/1.1\r\n" + Agent, Outcome.None, "+/+/{140:A}")]
    [InlineData("method in other case", "gEt /{140:A} HTTP/1.1\r\n" + Agent, Outcome.None, "{140:A}")]
    [InlineData("ends at a tab", "GET /{140:A}\tHTTP/1.1\r\n" + Agent, Outcome.None, "{140:A}")]
    [InlineData("ends at a line feed", "GET /{140:A}\n" + Agent, Outcome.None, "{140:A}")]
    [InlineData("agent anywhere", "GET /{140:A} x User-Agent: Fwknop", Outcome.None, "{140:A}")]
    [InlineData("one too short", "GET /{139:A} HTTP/1.1\r\n" + Agent, Outcome.BadData, "")]
    [InlineData("empty path", "GET / HTTP/1.1\r\n" + Agent + "{140:A}", Outcome.BadData, "")]
    [InlineData("other agent", "GET /{140:A} HTTP/1.1\r\nUser-Agent: curl\r\n", Outcome.BadData, "")]
    [InlineData("no agent", "GET /{140:A} HTTP/1.1\r\n", Outcome.BadData, "")]
    [InlineData("agent in other case", "GET /{140:A} HTTP/1.1\r\nuser-agent: fwknop\r\n", Outcome.BadData, "")]
    [InlineData("other method", "POST /{140:A} HTTP/1.1\r\n" + Agent, Outcome.NotSpaData, "")]
    [InlineData("other method of that length", "PUT /{140:A} HTTP/1.1\r\n" + Agent, Outcome.NotSpaData, "")]
    [InlineData("no slash", "GET {140:A} HTTP/1.1\r\n" + Agent, Outcome.NotSpaData, "")]
    [InlineData("foreign letter in the path", "GET /{140:A}?x HTTP/1.1\r\n" + Agent, Outcome.NotSpaData, "")]
    [InlineData("escaped letter", "GET /{140:A}%2B HTTP/1.1\r\n" + Agent, Outcome.NotSpaData, "")]
    [InlineData("a replay behind a prefix", "GET /U2FsdGVkX1{140:A} HTTP/1.1\r\n" + Agent, Outcome.BadData, "")]
    [InlineData("OpenPGP prefix in the path", "GET /hQ{399:A} HTTP/1.1\r\n" + Agent, Outcome.BadData, "")]
    [InlineData("the longest packet", "GET /{1500:A} HTTP/1.1\r\n" + Agent, Outcome.None, "{1500:A}")]
    [InlineData("longer than a packet", "GET /{1501:A} HTTP/1.1\r\n" + Agent, Outcome.BadData, "")]
    [InlineData("much longer than a packet", "GET /{3900:A} HTTP/1.1\r\n" + Agent, Outcome.BadData, "")]
    [InlineData("long header", "GET /{140:A} HTTP/1.1\r\n" + Agent + "X: {3900:x}", Outcome.None, "{140:A}")]
    [InlineData("longer than a request", "GET /{140:A} HTTP/1.1\r\n" + Agent + "X: {4000:x}", Outcome.BadData, "")]
    internal void Judges_a_request(string what, string payload, Outcome expected, string expectedText)
    {
        Outcome found = Screen(payload, new ScreeningRules(AcceptHttp: true, AllowAnyUserAgent: false), out string text);
        Assert.True(expected == found, $"{what}: {found}");
        Assert.Equal(Expand(expectedText), text);
    }

    [Theory]
    [InlineData("GET /{140:A} HTTP/1.1\r\nUser-Agent: curl\r\n", Outcome.None)]
    [InlineData("GET /{140:A}", Outcome.None)]
    [InlineData("GET /{139:A}", Outcome.BadData)]
    internal void Takes_any_agent_where_that_is_allowed(string payload, Outcome expected) =>
        Assert.Equal(expected, Screen(payload, new ScreeningRules(AcceptHttp: true, AllowAnyUserAgent: true), out _));

    [Theory]
    [InlineData("GET /", false)]
    [InlineData("GET /a", true)]
    [InlineData("get /a", true)]
    [InlineData("GET", false)]
    [InlineData("", false)]
    [InlineData(" GET /a", false)]
    [InlineData("GET\t/a", false)]
    public void Knows_a_request(string payload, bool expected) => Assert.Equal(expected, HttpRequest.IsRequest(Encoding.ASCII.GetBytes(payload)));

    [Theory]
    [InlineData("GET /a HTTP/1.1\r\n\r\n", true)]
    [InlineData("GET /a HTTP/1.1\r\nHost: x\r\n\r\nbody", true)]
    [InlineData("GET /a\n\n", true)]
    [InlineData("GET /a HTTP/1.1\r\nHost: x\r\n", false)]
    [InlineData("GET /a HTTP/1.1\r\nHost: x\r\n\r", false)]
    [InlineData("aGET /a\r\n\r\n", false)]
    [InlineData("\r\n\r\n", false)]
    public void Knows_the_end_of_a_request(string payload, bool expected) =>
        Assert.Equal(expected, HttpRequest.IsComplete(Encoding.ASCII.GetBytes(payload)));

    [Fact]
    public void Allocates_nothing()
    {
        byte[] bare = Encoding.ASCII.GetBytes(Expand("{140:A}!"));
        byte[] request = Encoding.ASCII.GetBytes(Expand("GET /{140:A}! HTTP/1.1\r\n" + Agent));
        byte[] scratch = new byte[Limits.MaxDatagram];
        ScreeningRules rules = new(AcceptHttp: true, AllowAnyUserAgent: false);
        for (int i = 0; i < 2; i++)
        {
            long before = GC.GetAllocatedBytesForCurrentThread();
            bool accepted = PacketScreen.TryScreen(bare, rules, scratch, out _, out _) | PacketScreen.TryScreen(request, rules, scratch, out _, out _);
            long allocated = GC.GetAllocatedBytesForCurrentThread() - before;
            Assert.False(accepted);
            Assert.True(i == 0 || allocated == 0, $"{allocated} bytes");
        }
    }

    private static Outcome Screen(string payload, ScreeningRules rules, out string text)
    {
        byte[] scratch = new byte[Limits.MaxDatagram];
        bool passed = PacketScreen.TryScreen(Encoding.Latin1.GetBytes(Expand(payload)), rules, scratch, out ReadOnlySpan<byte> found, out Outcome why);
        Assert.Equal(passed, why == Outcome.None);
        text = passed ? Encoding.Latin1.GetString(found) : "";
        return why;
    }

    private static string Expand(string text) => System.Text.RegularExpressions.Regex.Replace(
        text, "{([0-9]+):(.)}", match => new string(match.Groups[2].Value[0], int.Parse(match.Groups[1].ValueSpan, provider: null)));
}
