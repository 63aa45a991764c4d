namespace Fwknop.Client.Tests;

/// <summary>The URL of the service that is asked (client.md 12.1, 12.2).</summary>
public sealed class ResolverUrlTests
{
    [Theory]
    [InlineData("https://h/a/b", "https://h/a/b", true, "h", 443, "/a/b", "https://h/a/b")]
    [InlineData("https://h/a/", "https://h/a", true, "h", 443, "/a", "https://h/a")]
    [InlineData("https://h//", "https://h/", true, "h", 443, "/", "https://h/")]
    [InlineData("HTTPS://h/", "HTTPS://h", true, "h", 443, "/", "https://h/")]
    [InlineData("https://h:8443/x:9/?a=b", "https://h:8443/x:9/?a=b", true, "h", 8443, "/x:9/?a=b", "https://h:8443/x:9/?a=b")]
    [InlineData("http://h", "http://h", false, "h", 80, "/", "http://h/")]
    [InlineData("h:1/x", "h:1/x", false, "h", 1, "/x", "http://h:1/x")]
    [InlineData("http://127.0.0.1:65535/", "http://127.0.0.1:65535", false, "127.0.0.1", 65535, "/", "http://127.0.0.1:65535/")]
    [InlineData("https://[::1]:8443/x", "https://[::1]:8443/x", true, "[::1]", 8443, "/x", "https://[::1]:8443/x")]
    [InlineData("https://[::1]", "https://[::1]", true, "[::1]", 443, "/", "https://[::1]/")]
    public void Good(string text, string shown, bool isHttps, string host, int port, string path, string uri)
    {
        Assert.True(ResolverUrl.TryParse(text, out ResolverUrl? url, out string problem), problem);
        Assert.Equal((shown, isHttps, host, port, path, uri), (url.Text, url.IsHttps, url.Host, url.Port, url.Path, url.Uri.AbsoluteUri));
    }

    [Theory]
    [InlineData("", "resolve-url hostname portion is missing.")]
    [InlineData("https://", "resolve-url hostname portion is missing.")]
    [InlineData("https:///x", "resolve-url hostname portion is missing.")]
    [InlineData("https://:80/x", "resolve-url hostname portion is missing.")]
    [InlineData("https://h:0/x", "[*] resolve-url port value is invalid, must be in [1-65535]")]
    [InlineData("https://h:65536", "[*] resolve-url port value is invalid, must be in [1-65535]")]
    [InlineData("https://h:/x", "[*] resolve-url port value is invalid, must be in [1-65535]")]
    [InlineData("https://h:+1/x", "[*] resolve-url port value is invalid, must be in [1-65535]")]
    [InlineData("https://h:80a/x", "[*] resolve-url port value is invalid, must be in [1-65535]")]
    [InlineData("https://user:password@h/x", "[*] resolve-url port value is invalid, must be in [1-65535]")]
    [InlineData("ftp://h/x", "[*] resolve-url port value is invalid, must be in [1-65535]")]
    [InlineData("https://user@h/x", "resolve-url has characters that cannot be part of it.")]
    [InlineData("-i/etc/passwd", "resolve-url has characters that cannot be part of it.")]
    [InlineData("https://-h/x", "resolve-url has characters that cannot be part of it.")]
    [InlineData("https://h/a b", "resolve-url has characters that cannot be part of it.")]
    [InlineData("http://h/\r\nX:", "resolve-url has characters that cannot be part of it.")]
    [InlineData("https://h?x/y", "resolve-url has characters that cannot be part of it.")]
    [InlineData("https://h\\x/y", "resolve-url has characters that cannot be part of it.")]
    [InlineData("https://h%00/y", "resolve-url has characters that cannot be part of it.")]
    [InlineData("https://\u00fc/y", "resolve-url has characters that cannot be part of it.")]
    [InlineData("https://[::1/x", "[*] resolve-url port value is invalid, must be in [1-65535]")]
    public void Bad(string text, string expected)
    {
        Assert.False(ResolverUrl.TryParse(text, out _, out string problem));
        Assert.Equal(expected, problem);
    }

    [Theory]
    [InlineData(256, 1024, null)]
    [InlineData(257, 10, "resolve-url hostname portion is too large.")]
    [InlineData(256, 1025, "resolve-url path portion is too large.")]
    public void Lengths(int host, int path, string? expected)
    {
        // Labels of at most 63 letters, as names have.
        string name = string.Concat(Enumerable.Range(0, host).Select(i => i % 50 == 49 && i < host - 1 ? '.' : 'a'));
        bool isGood = ResolverUrl.TryParse($"https://{name}/{new string('b', path - 1)}", out _, out string problem);
        Assert.Equal((expected is null, expected ?? ""), (isGood, problem));
    }

    [Fact]
    public void Bad_url_ends_the_run_whatever_asks_it()
    {
        foreach (string how in new[] { "-R", "--resolve-http-only", "-R -w echo" })
        {
            using ClientHarness client = new();
            ClientRunResult run = client.Run(
                ["-D", "h", "-A", "tcp/22", "--key-rijndael", "k", "--no-rc-file", .. how.Split(' '), "--resolve-url", "http://h:0"]);
            Assert.EndsWith("[*] resolve-url port value is invalid, must be in [1-65535]\nError parsing resolve-url\n", run.Error, StringComparison.Ordinal);
            Assert.Equal(1, run.Status);
        }
    }
}
