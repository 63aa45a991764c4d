using Fwknop.Configuration.Access;
using Fwknop.Protocol;

namespace Fwknop.Configuration.Tests.Access;

/// <summary>The rules that listener and daemon both apply.</summary>
public class AccessStanzaTests
{
    [Theory]
    [InlineData("nothing set", null, null, "tcp/22", true)]
    [InlineData("open", "tcp/22", null, "tcp/22", true)]
    [InlineData("not open", "tcp/22", null, "tcp/23", false)]
    [InlineData("other protocol", "tcp/22", null, "udp/22", false)]
    [InlineData("one of two not open", "tcp/22", null, "tcp/22,tcp/9999", false)]
    [InlineData("both open", "tcp/22,udp/53", null, "udp/53,tcp/22", true)]
    [InlineData("listed twice allows itself (Q1)", "tcp/22,tcp/22", null, "tcp/22", true)]
    [InlineData("listed twice allows no other (Q1)", "tcp/22,tcp/22", null, "tcp/22,tcp/9999", false)]
    [InlineData("asked for twice", "tcp/22", null, "tcp/22,tcp/22", true)]
    [InlineData("asked for twice covers no other", "tcp/22", null, "tcp/22,tcp/22,tcp/23", false)]
    [InlineData("restricted", null, "tcp/23", "tcp/23", false)]
    [InlineData("one of two restricted", null, "tcp/23", "tcp/22,tcp/23", false)]
    [InlineData("not restricted", null, "tcp/23", "tcp/22", true)]
    [InlineData("restricted beats open", "tcp/22", "tcp/22", "tcp/22", false)]
    [InlineData("nothing asked for", null, null, "", false)]
    [InlineData("in a range", "tcp/20-30", null, "tcp/22,tcp/30", true)]
    [InlineData("one beside the range", "tcp/20-30", null, "tcp/22,tcp/31", false)]
    [InlineData("any of the protocol", "tcp/*", null, "tcp/1,udp/1", false)]
    [InlineData("a range restricted", "tcp/*", "tcp/1-1023", "tcp/1024", true)]
    [InlineData("one in the restricted range", "tcp/*", "tcp/1-1023", "tcp/1024,tcp/22", false)]
    [InlineData("all restricted", null, "*", "udp/53", false)]
    [InlineData("nothing asked for, any open", "*", null, "", false)]
    public void AllowsPorts(string name, string? open, string? restrict, string requested, bool expected)
    {
        using AccessStanza stanza = Make(lines: (open is null ? "" : $"OPEN_PORTS {open}\n") + (restrict is null ? "" : $"RESTRICT_PORTS {restrict}\n"));
        List<PortSpec> ports = [];
        foreach (string item in requested.Split(',', StringSplitOptions.RemoveEmptyEntries))
        {
            Assert.True(PortSpec.TryParse(System.Text.Encoding.ASCII.GetBytes(item), out PortSpec port));
            ports.Add(port);
        }

        Assert.Equal((name, expected), (name, stanza.AllowsPorts(ports)));
    }

    [Fact]
    public void TheZeroPortIsNotOpen()
    {
        using AccessStanza stanza = Make("OPEN_PORTS tcp/22\n");

        Assert.False(stanza.AllowsPorts([default]));
    }

    [Theory]
    [InlineData(0, 20)]
    [InlineData(-1, 20)]
    [InlineData(1, 1)]
    [InlineData(99, 99)]
    [InlineData(100, 100)]
    [InlineData(101, 100)]
    [InlineData(int.MaxValue, 100)]
    public void GrantsSeconds(int clientTimeout, int expected)
    {
        using AccessStanza stanza = Make("FW_ACCESS_TIMEOUT 20\nMAX_FW_TIMEOUT 100\n");

        Assert.Equal(expected, stanza.GrantSeconds(clientTimeout));
    }

    [Fact]
    public void TheMaximumDoesNotCapTheStanzasOwnTime()
    {
        using AccessStanza stanza = Make("FW_ACCESS_TIMEOUT 200\nMAX_FW_TIMEOUT 100\n");

        Assert.Equal(200, stanza.GrantSeconds(0));
    }

    [Theory]
    [InlineData(999, false)]
    [InlineData(1000, false)]
    [InlineData(1001, true)]
    public void Expires(long now, bool expected)
    {
        using AccessStanza stanza = Make("ACCESS_EXPIRE_EPOCH 1000\n");
        using AccessStanza eternal = Make("");

        Assert.Equal(expected, stanza.IsExpired(DateTimeOffset.FromUnixTimeSeconds(now)));
        Assert.False(eternal.IsExpired(DateTimeOffset.FromUnixTimeSeconds(now)));
    }

    [Fact]
    public void APolicyIsNotEmpty() => Assert.Throws<ArgumentException>(() => new AccessPolicy([]));

    private static AccessStanza Make(string lines) => AccessFileTests.Parse("SOURCE ANY\nKEY abc\n" + lines).Value!.Stanzas[0];
}
