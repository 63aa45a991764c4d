using System.Text;
using Fwknop.Configuration;
using Fwknop.Configuration.Access;
using Fwknop.Protocol;
using Fwknop.TestSupport;

namespace Fwknop.Client.Tests;

/// <summary><c>--setup</c>: what it writes works with what it prints.</summary>
public sealed class SetupTests
{
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Code_is_drawn_for_a_person_alone(bool isTerminal)
    {
        using ClientHarness client = new() { IsOutputTerminal = isTerminal };
        ClientRunResult run = client.Run("--setup", "srv", "-s");
        Assert.Equal(0, run.Status);
        Assert.Equal(isTerminal, run.Output.Contains('▀', StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("--setup srv.example.org -a 192.0.2.7", "srv.example.org", "srv.example.org", "192.0.2.7,tcp/22")]
    [InlineData("--setup srv -a 192.0.2.7 -n work -A tcp/443,udp/53", "work", "srv", "192.0.2.7,tcp/443,udp/53")]
    [InlineData("-n work --setup srv -D 192.0.2.99 -a 192.0.2.7 -A udp/53", "work", "192.0.2.99", "192.0.2.7,udp/53")]
    [InlineData("--setup srv -s", "srv", "srv", "0.0.0.0,tcp/22")]
    [InlineData("--setup srv -s --hmac-digest-type sha512 -M CTR -f 60", "srv", "srv", "0.0.0.0,tcp/22")]
    [InlineData("--setup srv -a 192.0.2.7 --hmac-digest-type sha3_256 --key-len 16 -p 5000", "srv", "srv", "192.0.2.7,tcp/22")]
    public void Packet_of_the_new_stanza_is_for_the_printed_one(string line, string stanza, string server, string request)
    {
        using ClientHarness client = new();

        ClientRunResult run = client.Run(line.Split(' '));

        Assert.Equal((0, ""), (run.Status, run.Error));
        Assert.Empty(client.Sender.Sent);
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(client.RcPath));
        Assert.EndsWith($"\nThen knock with:\n\nfwknop -n {stanza}\n", run.Output, StringComparison.Ordinal);
        using AccessPolicy policy = Printed(run.Output, server);
        AccessStanza printed = Assert.Single(policy.Stanzas);

        ClientRunResult knock = client.Run("-n", stanza, "--no-save-args");

        Assert.Equal((0, ""), (knock.Status, knock.Error));
        bool isName = !System.Net.IPAddress.TryParse(server, out System.Net.IPAddress? address);
        Assert.Equal(isName ? [server] : [], client.Sender.Asked);
        Assert.Equal(address ?? FakeSender.Default, Assert.Single(client.Sender.Sent).Target.Address);
        Assert.True(
            SpaPacket.TryOpen(client.Sender.Packet, printed.Keys, out AuthenticMessage? message, out Rejection why), why.ToString());
        Assert.Equal(request, message!.Message.Message.ToString());
        Assert.Equal(!request.StartsWith("0.0.0.0", StringComparison.Ordinal), printed.RequireSourceAddress);
    }

    [Theory]
    [InlineData("", 30)]
    [InlineData("-f 60", 60)]
    [InlineData("-f 3600", 3600)]
    public void Time_that_the_client_asks_for_is_granted(string option, int seconds)
    {
        using ClientHarness client = new();
        ClientRunResult run = client.Run(["--setup", "srv", "-s", .. option.Split(' ', StringSplitOptions.RemoveEmptyEntries)]);
        Assert.Equal((0, ""), (run.Status, run.Error));
        using AccessPolicy policy = Printed(run.Output, "srv");
        Assert.Equal(seconds, policy.Stanzas[0].GrantSeconds(option.Length == 0 ? 0 : seconds));
    }

    [Fact]
    public void Address_is_resolved_unless_one_is_given()
    {
        using ClientHarness client = new();
        ClientRunResult run = client.Run("--setup", "srv");
        Assert.Equal((0, ""), (run.Status, run.Error));
        Assert.Matches("\nALLOW_IP +resolve\n", File.ReadAllText(client.RcPath));
    }

    [Fact]
    public void Stanza_that_exists_stays_unless_forced()
    {
        using ClientHarness client = new ClientHarness().WithRc("# mine\n[default]\n[SRV]\nKEY old\n[other]\nKEY k\n");
        string before = File.ReadAllText(client.RcPath);

        ClientRunResult run = client.Run("--setup", "srv", "-s");

        Assert.Equal(
            (1, "", $"Stanza [srv] is in {client.RcPath} already: --force-stanza replaces it, -n gives another name.\n"),
            (run.Status, run.Output, run.Error));
        Assert.Equal(before, File.ReadAllText(client.RcPath));

        Assert.Equal(0, client.Run("--setup", "srv", "-s", "--force-stanza").Status);
        string after = File.ReadAllText(client.RcPath);
        Assert.DoesNotContain("old", after, StringComparison.Ordinal);
        Assert.Contains("# mine\n", after, StringComparison.Ordinal);
        Assert.Contains("[other]\nKEY k\n", after, StringComparison.Ordinal);
    }

    [Fact]
    public void Defaults_of_the_rc_file_are_in_both_stanzas()
    {
        using ClientHarness client = new ClientHarness().WithRc(
            "[default]\nSPA_SERVER elsewhere\nACCESS udp/53\nALLOW_IP source\nHMAC_DIGEST_TYPE sha384\nENCRYPTION_MODE OFB\n");

        ClientRunResult run = client.Run("--setup", "srv");

        Assert.Equal((0, ""), (run.Status, run.Error));
        using AccessPolicy policy = Printed(run.Output, "srv");
        client.Write(".fwknoprc", File.ReadAllText(client.RcPath).Split("[srv]")[1].Insert(0, "[default]\n[srv]"));
        Assert.Equal(0, client.Run("-n", "srv", "--no-save-args").Status);
        Assert.True(
            SpaPacket.TryOpen(client.Sender.Packet, policy.Stanzas[0].Keys, out AuthenticMessage? message, out Rejection why), why.ToString());
        Assert.Equal("0.0.0.0,udp/53", message!.Message.Message.ToString());
    }

    [ProgramFact(QrReader.Decoder)]
    public void Code_has_the_keys_of_the_stanza()
    {
        using ClientHarness client = new();
        using TemporaryFolder folder = new();

        ClientRunResult run = client.Run("--setup", "srv", "-s", "--qr");

        Assert.Equal((0, ""), (run.Status, run.Error));
        string[] lines = run.Output.Split('\n');
        string drawing = string.Join('\n', lines.Where(line => line.Contains('█', StringComparison.Ordinal)));
        string Key(string name) => lines.First(line => line.StartsWith($"{name} ", StringComparison.Ordinal)).Split(' ')[^1];
        Assert.Equal($"KEY_BASE64:{Key("KEY_BASE64")} HMAC_KEY_BASE64:{Key("HMAC_KEY_BASE64")}", QrReader.ReadDrawing(drawing, folder));
    }

    [Fact]
    public void Stanza_that_was_saved_but_not_shown_is_told_of()
    {
        using ClientHarness client = new ClientHarness().WithRc("[default]\n");
        string program = ClientFile.Location;
        ProcessRun run = ProcessRun.Run(new ProcessCommand(
            "bash", "-c", $"exec {program} --setup srv -s --rc-file {client.RcPath} >/dev/full"));
        Assert.Equal(1, run.ExitCode);
        Assert.Contains("[srv]", File.ReadAllText(client.RcPath), StringComparison.Ordinal);
        Assert.Contains("[*] Stanza [srv] is saved, but it could not be shown.", run.Errors, StringComparison.Ordinal);
    }

    [Fact]
    public void Command_to_knock_is_quoted_for_a_shell()
    {
        using ClientHarness client = new();
        string path = client.Path("it's mine");
        ClientRunResult run = client.Run("--setup", "srv", "-s", "-n", "my server", "--rc-file", path);
        Assert.Equal((0, ""), (run.Status, run.Error));
        Assert.EndsWith($"\nfwknop --rc-file '{path.Replace("'", "'\\''", StringComparison.Ordinal)}' -n 'my server'\n", run.Output, StringComparison.Ordinal);
    }

    [Fact]
    public void Legacy_mode_is_refused_whatever_the_rc_file_says()
    {
        const string rc = "[default]\nUSE_HMAC N\n";
        using ClientHarness client = new ClientHarness().WithRc(rc);
        Assert.Equal("Legacy encryption mode is incompatible with HMAC usage.\n", client.Run("--setup", "srv", "-M", "legacy").Error);
        Assert.Equal(rc, File.ReadAllText(client.RcPath));
    }

    [Theory]
    [InlineData("--setup -v", "Invalid host '-v': a host name does not start with '-'. Is the argument of --setup missing?")]
    [InlineData("--setup srv -A tcp", "fwknop: fko_set_spa_message: Error 102 - Invalid SPA access message format\n"
        + "[*] -A: 'tcp' is not of the form PROTOCOL/PORT, such as tcp/22, or PROTOCOL/FIRST-LAST.")]
    [InlineData("-k --save-rc-stanza -D srv -s -A tcp/22 -M legacy", "Legacy encryption mode is incompatible with HMAC usage.")]
    [InlineData("--setup srv -a 1.2.3", "Invalid allow IP specified for SPA access")]
    [InlineData("--setup srv --no-rc-file", "Cannot save an rc stanza in --no-rc-file mode.")]
    [InlineData("--setup srv -A none", "fwknop: --setup: name the ports that the new stanza is to open, not -A none.")]
    [InlineData("--setup srv -M legacy", "Legacy encryption mode is incompatible with HMAC usage.")]
    [InlineData("--setup srv -g --gpg-recipient-key x", "fwknop: --setup makes keys of its own and does not go with GPG.")]
    [InlineData("--setup srv --key-len 33",
        "fwknop: fko_key_gen: Error 68 - Args contain invalid data: FKO_ERROR_INVALID_DATA_FUNCS_GEN_KEYLEN_VALIDFAIL\n[*] --key-len: an encryption key has at most 32 bytes.")]
    public void Refused(string line, string error)
    {
        using ClientHarness client = new ClientHarness().WithRc("[default]\n");
        ClientRunResult run = client.Run(line.Split(' '));
        Assert.Equal((1, "", error + "\n"), (run.Status, run.Output, run.Error));
        Assert.Equal("[default]\n", File.ReadAllText(client.RcPath));
    }

    private static AccessPolicy Printed(string output, string server)
    {
        string[] parts = output.Split($"\nAdd this stanza to /etc/fwknop/access.conf on {server} and restart fwknopd there:\n\n");
        Assert.Equal(2, parts.Length);
        Loaded<AccessPolicy> loaded = AccessFile.Parse(Encoding.UTF8.GetBytes(parts[1].Split("\n\n")[0]), "access.conf", TimeZoneInfo.Utc);

        // Of -s the server warns, as it should.
        Assert.All(loaded.Diagnostics, diagnostic => Assert.Contains("REQUIRE_SOURCE_ADDRESS not enabled", diagnostic.Text, StringComparison.Ordinal));
        return loaded.Value!;
    }
}
