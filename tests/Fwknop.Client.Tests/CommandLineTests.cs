namespace Fwknop.Client.Tests;

/// <summary>client.md 3 and 4: the command line as the user sees it.</summary>
public sealed class CommandLineTests
{
    private static readonly string[] Ordinary = ["-T", "--no-rc-file", "-D", "h", "-a", "192.0.2.7", "-A", "tcp/22", "--key-rijndael", "k"];

    [Theory]
    [InlineData("-p 65536", "[*] Value 65536 out of range [(0)-(65535)]")]
    [InlineData("-p 99999999999999999999", "[*] Value 99999999999999999999 out of range [(0)-(65535)]")]
    [InlineData("-p abc", "[*] Value abc out of range [(0)-(65535)]")]
    [InlineData("-p 22abc", "[*] Value 22abc out of range [(0)-(65535)]")]
    [InlineData("-S -1", "[*] Value -1 out of range [(0)-(65535)]")]
    [InlineData("--nat-port 65536", "[*] Value 65536 out of range [(0)-(65535)]")]
    [InlineData("-f 65537", "--fw-timeout must be within [0-65536]")]
    [InlineData("-f -2", "--fw-timeout must be within [0-65536]")]
    [InlineData("--totp 12345", "Invalid --totp: a one-time password has 6 to 8 digits.")]
    [InlineData("--totp 12345a", "Invalid --totp: a one-time password has 6 to 8 digits.")]
    [InlineData("--repeat 20 --totp 123456", "Cannot use --totp with --repeat.")]
    [InlineData("-f 5m", "--fw-timeout must be within [0-65536]")]
    [InlineData("-m md6", "* Invalid digest type: md6, use {md5,sha1,sha256,sha384,sha512,sha3_256,sha3_512}")]
    [InlineData("--hmac-digest-type x", "* Invalid hmac digest type: x, use {md5,sha1,sha256,sha384,sha512,sha3_256,sha3_512}")]
    [InlineData("-M PCBC", "* Invalid encryption mode: PCBC, use {CBC,ECB,CFB,OFB,CTR,legacy,Asymmetric}")]
    [InlineData("-P sctp", "Unrecognized protocol: sctp")]
    [InlineData("--key-len 0", "Invalid key length '0', must be in [1-128]")]
    [InlineData("--key-len 129", "Invalid key length '129', must be in [1-128]")]
    [InlineData("--hmac-key-len 999999", "Invalid hmac key length '999999', must be in [1-128]")]
    [InlineData("--fd -1", "[*] Value -1 out of range [(0)-(-1)]")]
    [InlineData("--icmp-type 41", "Invalid icmp type '41', must be in [0-40]")]
    [InlineData("--icmp-code 16", "Invalid icmp code '16', must be in [0-15]")]
    [InlineData("--key-base64-rijndael a%b", "Base64 encoded Rijndael argument '<hidden>' doesn't look like base64-encoded data.")]
    [InlineData("--key-base64-hmac a%b", "Base64 encoded HMAC argument '<hidden>' doesn't look like base64-encoded data.")]
    [InlineData("--fault-injection-tag x", "fwknop not compiled with fault injection support.")]
    [InlineData("-D -v", "Invalid destination '-v': a host name does not start with '-'. Is the argument of -D missing?")]
    public void Bad_value(string line, string expected)
    {
        using ClientHarness client = new();
        ClientRunResult run = client.Run([.. Ordinary, .. line.Split(' ')]);
        Assert.Equal((1, "", expected + "\n"), (run.Status, run.Output, run.Error));
    }

    [Theory]
    [InlineData("--foo", "fwknop: unrecognized option '--foo'")]
    [InlineData("-x", "fwknop: invalid option -- 'x'")]
    [InlineData("-D", "fwknop: option requires an argument -- 'D'")]
    [InlineData("--rc-file", "fwknop: option '--rc-file' requires an argument")]
    [InlineData("--save-rc-stanza=foo", "fwknop: option '--save-rc-stanza' doesn't allow an argument")]
    public void Bad_usage_prints_the_help(string option, string expected)
    {
        using ClientHarness client = new();
        ClientRunResult run = client.Run(option);
        Assert.Equal((1, expected + "\n"), (run.Status, run.Error));
        Assert.StartsWith("\nfwknop client version ", run.Output, StringComparison.Ordinal);
        Assert.False(File.Exists(client.RcPath));
    }

    [Theory]
    [InlineData("-h")]
    [InlineData("--help")]
    [InlineData("--foo -h")]
    [InlineData("-n nowhere -k -V -h")]
    public void Help_wins_over_everything_and_touches_no_file(string line)
    {
        using ClientHarness client = new();
        ClientRunResult run = client.Run(line.Split(' '));
        Assert.Equal(0, run.Status);
        Assert.Contains("\nUsage: fwknop -A <port list> [-s|-R|-a] -D <spa_server> [options]\n", run.Output, StringComparison.Ordinal);
        Assert.False(File.Exists(client.RcPath));
    }

    [Fact]
    public void Help_lists_every_name_of_every_option()
    {
        using ClientHarness client = new();
        string help = client.Run("-h").Output;
        Assert.All(ClientOptions.Table.SelectMany(option => option.Names), name => Assert.Contains($"--{name}", help, StringComparison.Ordinal));
        Assert.All(ClientOptions.Table.Where(option => option.Letter is not null), option =>
            Assert.Contains($" -{option.Letter}, --{option.Names[0]}", help, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("-V")]
    [InlineData("--version -n nowhere -p 99999")]
    [InlineData("-V --rc-file /nonexistent/rc")]
    public void Version_works_whatever_else_is_wrong_and_touches_no_file(string line)
    {
        using ClientHarness client = new();
        client.Variables["HOME"] = null;
        client.Variables["LOGNAME"] = "a=b";
        ClientRunResult run = client.Run(line.Split(' '));
        Assert.Equal((0, ""), (run.Status, run.Error));
        Assert.Matches("^fwknop client [0-9.]+, FKO protocol version 3.0.0\n$", run.Output);
        Assert.False(File.Exists(client.RcPath));
    }

    [Fact]
    public void Bundled_glued_abbreviated_and_equals_forms_mean_the_same()
    {
        using ClientHarness client = new();
        ClientRunResult run = client.Run("-sTAtcp/22", "-Dh", "--no-rc", "--key-rij=k", "--digest-t", "md5", "--fw=30");
        Assert.Equal(0, run.Status);
        Assert.Equal("0.0.0.0,tcp/22", run.Field("Message String"));
        Assert.Equal("1 (MD5)", run.Field("Digest Type"));
        Assert.Equal("30", run.Field("Client Timeout"));
    }

    [Fact]
    public void Stray_words_are_warned_of()
    {
        using ClientHarness client = new();
        ClientRunResult run = client.Run([.. Ordinary, "stray"]);
        Assert.Equal((0, "fwknop: ignoring 'stray', which belongs to no option.\n"), (run.Status, run.Error));
    }

    [Theory]
    [InlineData("-a 192.0.2.1 -s", "0.0.0.0")]
    [InlineData("-s -a 192.0.2.1", "192.0.2.1")]
    [InlineData("-a source", "0.0.0.0")]
    [InlineData("-R -a 192.0.2.1", "192.0.2.1")]
    [InlineData("-a 192.0.2.1 -R", "192.0.2.1")]
    [InlineData("-a 2001:DB8:0::1", "2001:db8::1")]
    [InlineData("-a [2001:db8::1]", "2001:db8::1")]
    [InlineData("-a ::ffff:192.0.2.1", "192.0.2.1")]
    [InlineData("-a ::", "0.0.0.0")]
    public void Allow_address(string line, string expected)
    {
        using ClientHarness client = new();
        ClientRunResult run = client.Run(["-T", "--no-rc-file", "-A", "tcp/22", "--key-rijndael", "k", .. line.Split(' ')]);
        Assert.Equal($"{expected},tcp/22", run.Field("Message String"));
    }

    [Theory]
    [InlineData("60", 60)]
    [InlineData("300s", 300)]
    [InlineData("60sec", 60)]
    [InlineData("2m", 120)]
    [InlineData("1M", 60)]
    [InlineData("60min", 3600)]
    [InlineData("1H", 3600)]
    [InlineData("1D", 86400)]
    [InlineData("2days", 172800)]
    [InlineData("5 m", 300)]
    [InlineData("0", 0)]
    [InlineData("65536", 65536)]
    public void Time_offset(string text, int seconds)
    {
        using ClientHarness client = new();
        long now = ClientHarness.Now.ToUnixTimeSeconds();
        Assert.Equal($"{now + seconds}", client.Run([.. Ordinary, "--time-offset-plus", text]).Field("Timestamp"));
        Assert.Equal($"{now - seconds}", client.Run([.. Ordinary, "--time-offset-plus", "9", "--time-offset-minus", text]).Field("Timestamp"));
    }

    [Theory]
    [InlineData("invalid")]
    [InlineData("")]
    [InlineData("m")]
    [InlineData("-5")]
    [InlineData("1h30m")]
    [InlineData("10secm")]
    [InlineData("5x")]
    [InlineData("5 5")]
    [InlineData("65537")]
    [InlineData("123456789012")]
    [InlineData("12345678901234567")]
    public void Bad_time_offset(string text)
    {
        using ClientHarness client = new();
        ClientRunResult run = client.Run([.. Ordinary, "--time-offset-minus", text]);
        Assert.Equal((1, $"Invalid time offset: '{text}'\n"), (run.Status, run.Error));
    }

    [Theory]
    [InlineData("--connect nope -h")]
    [InlineData("--completion foo -h")]
    [InlineData("-v --setup -v --help")]
    public void Help_wins_over_bad_values(string line)
    {
        using ClientHarness client = new();
        ClientRunResult run = client.Run(line.Split(' '));
        Assert.Equal((0, VersionText.Help + "\n", ""), (run.Status, run.Output, run.Error));
    }

    // The last word about the address counts; -R is none.
    [Theory]
    [InlineData("-a 192.0.2.7 -a resolve", true)]
    [InlineData("-s -a resolve6", true)]
    [InlineData("-a resolve -a 192.0.2.7", false)]
    [InlineData("-a 192.0.2.7 -R", false)]
    public void Address_or_resolving(string line, bool resolves)
    {
        using ClientHarness client = new();
        ClientRunResult run = client.Run(["-T", "--no-rc-file", "-A", "tcp/22", "--key-rijndael", "k", .. line.Split(' ')]);
        Assert.Equal(resolves ? 1 : 0, run.Status);
        Assert.Equal(resolves, run.Error.Contains("Could not resolve IP", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("--wait 2 -p 7", "")]
    [InlineData("--wait=2 3", "fwknop: ignoring '3', which belongs to no option.\n")]
    [InlineData("--wait 2s", "fwknop: ignoring '2s', which belongs to no option.\n")]
    [InlineData("--wait 0", "--wait must be within [1-86400]\n")]
    public void Number_after_wait_belongs_to_it(string line, string error)
    {
        using ClientHarness client = new();
        ClientRunResult run = client.Run(["-T", "--no-rc-file", "-s", "-A", "tcp/22", "--key-rijndael", "k", .. line.Split(' ')]);
        Assert.Equal(error, run.Error.Split("[-] In test mode")[0]);
    }
}
