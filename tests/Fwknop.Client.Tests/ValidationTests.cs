namespace Fwknop.Client.Tests;

/// <summary>client.md 5: the checks between settings, their texts and their order.</summary>
public sealed class ValidationTests
{
    // Each row adds one mistake to a call that has all later ones, so that only the order decides.
    private const string Legacy = " -M legacy --use-hmac";
    private const string Gpg = " -g" + Legacy;
    private const string Proxy = " -H proxy -P udp" + Gpg;
    private const string SpoofMode = " -Q 1.2.3.4" + Proxy;
    private const string Spoof = " -Q 1.2.3" + Proxy;

    [Theory]
    [InlineData("-n nowhere", "Named configuration stanza: [nowhere] was not found.\n[*] Looked in @rc; --stanza-list shows the stanzas that there are.")]
    [InlineData("-a 300.1.1.1" + Spoof, "Must use --destination unless --test mode is used")]
    [InlineData("-D h" + Spoof, "Must use one of [-s|-R|-a] to specify IP for SPA access.")]
    [InlineData("-D h -a 300.1.1.1" + Spoof, "Invalid allow IP specified for SPA access")]
    [InlineData("-D h -s" + Spoof, "Invalid spoof IP")]
    [InlineData("-D h -s" + SpoofMode, "Must set -P <udpraw|tcpraw|icmp> with a spoofed source IP")]
    [InlineData("-D h -s" + Proxy, "Cannot set --http-proxy with a non-HTTP protocol.")]
    [InlineData("-D h -s -6 -P icmp" + Gpg, "Cannot set -6 (--ipv6-only) with -P icmp, which sends over IPv4 only.")]
    [InlineData("-D ::1 -s -4" + Gpg, "Cannot send to ::1, an IPv6 address, with -4 (--ipv4-only, --server-resolve-ipv4).")]
    [InlineData("-D [fe80::1%1] -s -6 --server-resolve-ipv4" + Gpg,
        "Cannot send to [fe80::1%1], an IPv6 address, with -4 (--ipv4-only, --server-resolve-ipv4).")]
    [InlineData("-D 127.0.0.1 -s --ipv4-only --ipv6-only" + Gpg, "Cannot send to 127.0.0.1, an IPv4 address, with -6 (--ipv6-only).")]
    [InlineData("-D h -s" + Gpg, "Must specify --gpg-recipient-key when GPG is used.")]
    [InlineData("-D h -s -M Asymmetric", "Must specify GPG recipient/signing keys when Asymmetric encryption mode is used.")]
    [InlineData("-D h -s" + Legacy, "Legacy encryption mode is incompatible with HMAC usage.")]
    public void The_first_failing_check_is_reported(string line, string expected)
    {
        using ClientHarness client = new ClientHarness().WithRc("[default]\n");
        ClientRunResult run = client.Run(line.Split(' '));
        Assert.Equal((1, "", expected.Replace("@rc", client.RcPath, StringComparison.Ordinal) + "\n"), (run.Status, run.Output, run.Error));
        Assert.Empty(client.Sender.Sent);
    }

    [Theory]
    [InlineData("1.2.3")]
    [InlineData("1.2.3.4.5")]
    [InlineData("1.2.3.256")]
    [InlineData("01.2.3.4")]
    [InlineData("1.2.3.04")]
    [InlineData("1..3.4")]
    [InlineData("1.2.3.4 ")]
    [InlineData("+1.2.3.4")]
    [InlineData("111.111.111.1111")]
    [InlineData("0x7f.1.1.1")]
    [InlineData("example.org")]
    [InlineData("2001:db8::1%eth0")]
    [InlineData("2001:db8::g")]
    [InlineData("[2001:db8::1")]
    [InlineData("2001:db8::1/64")]
    [InlineData("1.2.3.4:80")]
    [InlineData(":")]
    [InlineData("")]
    public void Bad_allow_address(string address)
    {
        using ClientHarness client = new();
        ClientRunResult run = client.Run("-T", "--no-rc-file", "-A", "tcp/22", "--key-rijndael", "k", "-a", address);
        Assert.Equal((1, "Invalid allow IP specified for SPA access\n"), (run.Status, run.Error));
    }

    [Theory]
    [InlineData("ALLOW_IP resolve")]
    [InlineData("RESOLVE_IP_HTTPS Y")]
    [InlineData("SPA_SERVER_PROTO TCP")]
    [InlineData("HTTP_USER_AGENT x")]
    [InlineData("RAND_PORT N")]
    [InlineData("USE_GPG no")]
    [InlineData("NO_SAVE_ARGS Y")]
    public void What_the_command_line_overrides_or_no_one_uses_is_no_obstacle(string setting)
    {
        using ClientHarness client = new ClientHarness().WithRc($"[default]\n{setting}\n");
        ClientRunResult run = client.Run(
            "-A", "tcp/22", "-D", "h", "-a", "192.0.2.7", "-P", "udp", "--key-rijndael", "k", "--key-hmac", "h");
        Assert.Equal((0, "", ""), (run.Status, run.Output, run.Error));
        Assert.Single(client.Sender.Sent);
    }

    [Theory]
    [InlineData("--save-rc-stanza -n x --stanza-list", "Cannot save an rc stanza in --no-rc-file mode.")]
    [InlineData("-n x --stanza-list", "Cannot set stanza name in --no-rc-file mode.")]
    [InlineData("--stanza-list", "Cannot list stanzas in --no-rc-file mode.")]
    public void Conflicts_with_no_rc_file(string line, string expected)
    {
        using ClientHarness client = new();
        ClientRunResult run = client.Run(["--no-rc-file", .. line.Split(' ')]);
        Assert.Equal((1, expected + "\n"), (run.Status, run.Error));
    }
}
