namespace Fwknop.Client.Tests;

public sealed class HostPortTests
{
    [Theory]
    [InlineData("host:22", "host", 22)]
    [InlineData("a.example.org:65535", "a.example.org", 65535)]
    [InlineData("192.0.2.1:1", "192.0.2.1", 1)]
    [InlineData("[::1]:22", "::1", 22)]
    [InlineData("[fe80::1%1]:22", "fe80::1%1", 22)]
    [InlineData("host:0022", "host", 22)]
    [InlineData("::1:22", "::1", 22)]
    [InlineData("2001:db8::1:22", "2001:db8::1", 22)]
    [InlineData("fe80::1%1:22", "fe80::1%1", 22)]
    public void Is_read(string text, string host, int port) => Assert.Equal(new HostPort(host, port), HostPort.TryParse(text));

    [Theory]
    [InlineData("")]
    [InlineData(":")]
    [InlineData(":22")]
    [InlineData("host")]
    [InlineData("host:")]
    [InlineData("host:0")]
    [InlineData("host:65536")]
    [InlineData("host:-1")]
    [InlineData("host:+1")]
    [InlineData("host: 22")]
    [InlineData("host:22 ")]
    [InlineData("host:22\0")]
    [InlineData("host:ssh")]
    [InlineData("host:99999999999999999999")]
    [InlineData("host:\u0662\u0662")]
    [InlineData("2001:db8::1")]
    [InlineData("2001:db8::x:22")]
    [InlineData("host:22:22")]
    [InlineData("[::1]")]
    [InlineData("[::1]22")]
    [InlineData("[host]:22")]
    [InlineData("[192.0.2.1]:22")]
    [InlineData("[::1:22")]
    [InlineData("::1]:22")]
    [InlineData("[[::1]]:22")]
    [InlineData("[]:22")]
    [InlineData("[:]:22")]
    [InlineData("a b:22")]
    [InlineData("a\n:22")]
    [InlineData("-host:22")]
    [InlineData("http://host:22")]
    public void Is_refused(string text) => Assert.Null(HostPort.TryParse(text));

    [Fact]
    public void A_name_of_more_than_253_characters_is_refused()
    {
        Assert.NotNull(HostPort.TryParse(new string('a', 253) + ":22"));
        Assert.Null(HostPort.TryParse(new string('a', 254) + ":22"));
    }

    [Fact]
    public void Whatever_is_read_can_be_written_and_read_again()
    {
        Random random = new(20260101);
        const string Pieces = "[]:%./-,a1022\0 ";
        int read = 0;
        for (int i = 0; i < 200_000; i++)
        {
            string text = string.Concat(Enumerable.Range(0, random.Next(9)).Select(_ => Pieces[random.Next(Pieces.Length)]));
            if (HostPort.TryParse(text) is { } parsed)
            {
                read++;
                string host = parsed.Host.Contains(':', StringComparison.Ordinal) ? $"[{parsed.Host}]" : parsed.Host;
                Assert.Equal(parsed, HostPort.TryParse($"{host}:{parsed.Port}"));
                Assert.InRange(parsed.Port, 1, 65535);
            }
        }

        Assert.True(read > 100, $"only {read} of the texts were any good");
    }
}
