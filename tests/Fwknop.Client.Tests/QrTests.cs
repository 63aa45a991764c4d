using System.Text;
using System.Text.RegularExpressions;
using Fwknop.TestSupport;

namespace Fwknop.Client.Tests;

/// <summary>client.md 18: codes that a real decoder reads back.</summary>
public sealed class QrTests : IDisposable
{
    private const string Plain = "ACCESS tcp/22\nSPA_SERVER srv\nKEY \"a b:c\"\nHMAC_KEY \"d:e f\"\n";

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [ProgramTheory(QrReader.Decoder)]
    [InlineData(false, "xterm", "", "")]
    [InlineData(true, "xterm", "", "")]
    [InlineData(true, "xterm", "1", "")]
    [InlineData(true, "dumb", "", "")]
    [InlineData(true, null, "", "")]
    [InlineData(true, "xterm", null, "--hmac-key-len 128")]
    [InlineData(false, "xterm", null, "--key-len 1 --hmac-key-len 1")]
    [InlineData(true, "xterm", null, "--key-len 16 --hmac-key-len 20")]
    public void Drawing_of_new_keys(bool isTerminal, string? terminal, string? noColour, string options)
    {
        using ClientHarness client = new() { IsOutputTerminal = isTerminal };
        client.Variables["TERM"] = terminal;
        client.Variables["NO_COLOR"] = noColour;

        ClientRunResult run = client.Run(["-k", "--qr", .. options.Split(' ', StringSplitOptions.RemoveEmptyEntries)]);

        Assert.Equal((0, ""), (run.Status, run.Error));
        Assert.Equal(isTerminal && terminal == "xterm" && string.IsNullOrEmpty(noColour), run.Output.Contains('\e', StringComparison.Ordinal));
        Match match = Regex.Match(run.Output, "^KEY_BASE64: (\\S+)\nHMAC_KEY_BASE64: (\\S+)\n(.*)$", RegexOptions.Singleline);
        Assert.True(match.Success, run.Output);
        Assert.Equal(
            $"KEY_BASE64:{match.Groups[1].Value} HMAC_KEY_BASE64:{match.Groups[2].Value}",
            QrReader.ReadDrawing(match.Groups[3].Value, _folder));
    }

    [ProgramFact(QrReader.Decoder, "script")]
    public void Drawing_at_a_real_terminal()
    {
        string program = ClientFile.Location;
        ProcessCommand command = new("script", "-qec", $"{program} -k --qr-only", "/dev/null")
        {
            Environment = new Dictionary<string, string?> { ["TERM"] = "xterm", ["NO_COLOR"] = null },
        };

        ProcessRun run = ProcessRun.RunChecked(command);

        Assert.StartsWith("\e[38;5;16;48;5;231m", run.Output, StringComparison.Ordinal);
        Assert.Matches(
            "^KEY_BASE64:[A-Za-z0-9+/]{43}= HMAC_KEY_BASE64:[A-Za-z0-9+/]{86}==$",
            QrReader.ReadDrawing(run.Output.Replace("\r", "", StringComparison.Ordinal), _folder));
    }

    [ProgramTheory(QrReader.Decoder, QrReader.SvgRenderer)]
    [InlineData("code.png")]
    [InlineData("code.PNG")]
    [InlineData("code.svg")]
    [InlineData("code.Svg")]
    public void File_of_new_keys(string name)
    {
        using ClientHarness client = new();
        string path = client.Write(name, "old");
        File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.OtherRead);

        ClientRunResult run = client.Run("-k", "--qr-file", path);

        Assert.Equal((0, ""), (run.Status, run.Error));
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(path));
        string picture = path;
        if (name.EndsWith("svg", StringComparison.OrdinalIgnoreCase))
        {
            picture = client.Path("rendered.png");
            ProcessRun.RunChecked(new ProcessCommand(QrReader.SvgRenderer, "-o", picture, path));
        }

        Assert.Equal(run.Output.Replace(": ", ":", StringComparison.Ordinal).TrimEnd('\n').Replace('\n', ' '), QrReader.Read(picture));
    }

    [ProgramTheory(QrReader.Decoder)]
    [InlineData("", "")]
    [InlineData("--qr-profile", " SPA_SERVER:srv SPA_SERVER_PORT:62201 ACCESS:tcp/22 HMAC_DIGEST_TYPE:sha256")]
    [InlineData("--qr-profile -p 5000 -A tcp/22,udp/53 -D 2001:db8::1",
        " SPA_SERVER:2001:db8::1 SPA_SERVER_PORT:5000 ACCESS:tcp/22,udp/53 HMAC_DIGEST_TYPE:sha256")]
    public void Keys_of_a_stanza_in_base64(string options, string added)
    {
        using ClientHarness client = new ClientHarness().WithRc($"[default]\n[srv]\n{Plain}");

        ClientRunResult run = client.Run(["-n", "srv", "--qr", .. options.Split(' ', StringSplitOptions.RemoveEmptyEntries)]);

        Assert.Equal((0, ""), (run.Status, run.Error));
        Assert.Equal(
            $"KEY_BASE64:{Base64("a b:c")} HMAC_KEY_BASE64:{Base64("d:e f")}{added}", QrReader.ReadDrawing(run.Output, _folder));
        Assert.Empty(client.Sender.Sent);
    }

    [ProgramFact(QrReader.Decoder)]
    public void Stanza_without_hmac_gives_one_key()
    {
        using ClientHarness client = new ClientHarness().WithRc("[default]\nKEY abc\n");

        ClientRunResult run = client.Run("--qr", "--qr-profile", "-A", "tcp/22, udp/53");

        Assert.Equal((0, ""), (run.Status, run.Error));
        Assert.Equal($"KEY_BASE64:{Base64("abc")} ACCESS:tcp/22,udp/53", QrReader.ReadDrawing(run.Output, _folder));
    }

    [ProgramFact(QrReader.Decoder)]
    public void Address()
    {
        using ClientHarness client = new();

        ClientRunResult run = client.Run("--no-rc-file", "--qr-ip", "-a", "203.0.113.9");

        Assert.Equal((0, ""), (run.Status, run.Error));
        Assert.Equal("CLIENT_IP:203.0.113.9", QrReader.ReadDrawing(run.Output, _folder));
    }

    [Theory]
    [InlineData("--qr", true, true)]
    [InlineData("--qr-only", false, true)]
    [InlineData("--qr-only --qr-profile", false, true)]
    [InlineData("--qr-profile", true, true)]
    [InlineData("--qr-file code.png", true, false)]
    [InlineData("--qr-file code.png --qr", true, true)]
    [InlineData("--qr-file code.png --qr-only", false, false)]
    [InlineData("--qr-file code.png --qr-only --qr", false, true)]
    public void What_new_keys_are_shown_as(string options, bool asText, bool asCode)
    {
        using ClientHarness client = new();
        string[] words = [.. options.Split(' ').Select(word => word == "code.png" ? client.Path(word) : word)];

        ClientRunResult run = client.Run(["-k", .. words]);

        Assert.Equal((0, ""), (run.Status, run.Error));
        Assert.Equal((asText, asCode), (run.Output.Contains("KEY_BASE64: ", StringComparison.Ordinal), run.Output.Contains('▄', StringComparison.Ordinal)));
    }

    [Fact]
    public void Key_file_is_written_all_the_same()
    {
        using ClientHarness client = new();
        string path = client.Path("keys");

        ClientRunResult run = client.Run("-K", path, "--qr-only");

        Assert.Equal((0, ""), (run.Status, run.Error));
        Assert.StartsWith($"[+] Wrote Rijndael and HMAC keys to: {path}\n████", run.Output, StringComparison.Ordinal);
        Assert.StartsWith("KEY_BASE64: ", File.ReadAllText(path), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("sha512", "[-] WARNING: The app takes the HMAC type to be sha256: set sha512 there after the scan.\n")]
    [InlineData("md5", "[-] WARNING: The app takes the HMAC type to be sha256: set md5 there after the scan.\n")]
    [InlineData("sha3_256", "[-] WARNING: The app takes the HMAC type to be sha256: set sha3_256 there after the scan, if it has it.\n")]
    public void App_does_not_learn_the_hmac_type(string type, string warning)
    {
        using ClientHarness client = new();
        ClientRunResult run = client.Run("-k", "--qr", "--hmac-digest-type", type);
        Assert.Equal((0, warning), (run.Status, run.Error));
    }

    [Theory]
    [InlineData("-k --qr-file code.jpg", "Invalid QR file 'code.jpg': the name must end in .png or .svg.")]
    [InlineData("-k --qr-file none/code.png --qr-only", "Unable to create QR file: none/code.png: No such file or directory")]
    [InlineData("-k --qr-ip", "fwknop: --qr-ip hands over an address, --key-gen keys: choose one.")]
    [InlineData("--qr-ip", "fwknop: --qr-ip needs an IPv4 address: use -a or -R.")]
    [InlineData("--qr-ip -s", "fwknop: --qr-ip needs an IPv4 address: use -a or -R.")]
    [InlineData("--qr-ip -a 2001:db8::1", "fwknop: --qr-ip needs an IPv4 address: use -a or -R.")]
    [InlineData("--qr-ip -a 1.2.3", "Invalid allow IP specified for SPA access")]
    [InlineData("-k --qr-profile -A tcp/22\tudp/53",
        "fwknop: the value of ACCESS cannot be handed over in a code: it has blanks or characters beyond ASCII.")]
    [InlineData("-k --qr-profile -D é",
        "fwknop: the value of SPA_SERVER cannot be handed over in a code: it has blanks or characters beyond ASCII.")]
    [InlineData("-k --qr-profile -A @long", "fwknop: the code holds at most 425 bytes. Shorten the access list.")]
    [InlineData("--qr", "[*] getpasswd() key error.\n[*] There is no terminal to ask for the key: put KEY_BASE64 or KEY_CMD into the rc file, or use --stdin or --fd.")]
    [InlineData("--qr --key-rijndael abc -g --gpg-recipient-key x", "fwknop: keys of GPG cannot be handed over in a code.")]
    public void Refused(string options, string error)
    {
        using ClientHarness client = new();
        string[] words = [.. options.Split(' ').Select(word => word == "@long" ? string.Join(',', Enumerable.Repeat("tcp/22", 60)) : word)];

        ClientRunResult run = client.Run([.. words, "--no-rc-file"]);

        Assert.Equal((1, "", error + "\n"), (run.Status, run.Output, run.Error));
    }

    [Theory]
    [InlineData("--key-gen --save-rc-stanza -n new -K @keys")]
    [InlineData("--setup srv -s -n new")]
    public void File_that_cannot_be_written_leaves_nothing_half_done(string options)
    {
        const string Old = "[default]\n[other]\nKEY k\n";
        using ClientHarness client = new ClientHarness().WithRc(Old);
        string path = client.Path("missing/code.png");

        ClientRunResult run = client.Run(
            [.. options.Replace("@keys", client.Path("keys"), StringComparison.Ordinal).Split(' '), "--qr-file", path]);

        Assert.Equal((1, "", $"Unable to create QR file: {path}: No such file or directory\n"), (run.Status, run.Output, run.Error));
        Assert.Equal(Old, File.ReadAllText(client.RcPath));
        Assert.False(File.Exists(client.Path("keys")));
    }

    [Fact]
    public void No_file_is_left_when_the_stanza_cannot_be_saved()
    {
        using ClientHarness client = new();
        Directory.CreateDirectory(client.Path("rc"));
        string path = client.Path("pictures/code.svg");
        Directory.CreateDirectory(client.Path("pictures"));

        ClientRunResult run = client.Run("-k", "--save-rc-stanza", "-n", "x", "-D", "h", "-s", "--rc-file", client.Path("rc"), "--qr-file", path);

        Assert.Equal(1, run.Status);
        Assert.Empty(Directory.GetFiles(client.Path("pictures")));
    }

    [Fact]
    public void Keys_that_stay_leave_the_old_picture()
    {
        using ClientHarness client = new ClientHarness().WithRc("[default]\n[x]\nKEY_BASE64 YWJj\nHMAC_KEY_BASE64 ZGVm\n");
        string path = client.Write("pictures/code.png", "old");

        ClientRunResult run = client.Run("-k", "--save-rc-stanza", "-n", "x", "-D", "h", "-s", "--qr-file", path);

        Assert.Equal(1, run.Status);
        Assert.EndsWith("[*] No code of the new keys: the old ones stayed.\n", run.Error, StringComparison.Ordinal);
        Assert.Equal("old", File.ReadAllText(Assert.Single(Directory.GetFiles(client.Path("pictures")))));
    }

    [Fact]
    public void Largest_code_fits_a_terminal_of_80_columns()
    {
        using QrCode code = QrCode.Of(Encoding.ASCII.GetBytes(new string('x', QrCode.MaxBytes)));
        Assert.InRange(code.Size, 70, 80);
        Assert.Throws<ArgumentOutOfRangeException>(() => QrCode.Of(new byte[QrCode.MaxBytes + 1]));
    }

    private static string Base64(string text) => Convert.ToBase64String(Encoding.ASCII.GetBytes(text));
}
