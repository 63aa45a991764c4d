using Fwknop.TestSupport;

namespace Fwknop.Client.Tests;

/// <summary>Keys that programs print: KEY_CMD and HMAC_KEY_CMD.</summary>
public sealed class KeyCommandTests
{
    private static readonly string[] Ordinary = ["-D", "h", "-s", "-A", "tcp/22", "--no-save-args"];

    [Theory]
    [InlineData("echo secret", "echo other")]
    [InlineData("printf 'secret\\r\\nmore\\n'", "printf other")]
    [InlineData("printf 'note\\nKEY: secret\\nHMAC_KEY: wrong\\n'", "printf 'KEY: wrong\\nHMAC_KEY: other\\n'")]
    [InlineData("printf 'KEY_BASE64: c2VjcmV0\\nHMAC_KEY_BASE64: b3RoZXI=\\n'", "printf 'KEY_BASE64: c2VjcmV0\\nHMAC_KEY_BASE64: b3RoZXI=\\n'")]
    [InlineData("sh -c 'echo secret | cat'", "sh -c 'echo other'")]
    public void Key_of_a_program(string key, string hmacKey)
    {
        using ClientHarness client = new ClientHarness().WithRc($"[default]\nKEY_CMD \"{key}\"\nHMAC_KEY_CMD \"{hmacKey}\"\n");
        ClientRunResult run = client.Run(Ordinary);
        Assert.Equal((0, string.Empty), (run.Status, run.Error));
        using Protocol.PacketKeys keys = ClientHarness.KeysOf("secret", "other");
        Assert.True(Protocol.SpaPacket.TryOpen(client.Sender.Packet, keys, out _, out Protocol.Rejection why), why.ToString());
    }

    [Theory]
    [InlineData("/nowhere/program", "KEY_CMD: '/nowhere/program' cannot be run: not found. No SPA packet sent.\n")]
    [InlineData("/etc/passwd", "KEY_CMD: '/etc/passwd' cannot be run: not executable. No SPA packet sent.\n")]
    [InlineData("nul\0byte", "KEY_CMD: a command cannot hold a zero byte")]
    [InlineData("@damaged", "/damaged' cannot be run: Exec format error. No SPA packet sent.\n")]
    [InlineData("no-such-program-at-all", "KEY_CMD: 'no-such-program-at-all' cannot be run: not found. No SPA packet sent.\n")]
    [InlineData("\"sh -c 'echo secret; exit 3'\"", "failed with exit status 3")]
    public void Program_that_fails(string command, string error)
    {
        using TemporaryFolder folder = new();
        string damaged = folder.WriteProgram("damaged", "\u007fELF");
        using ClientHarness client = new ClientHarness().WithRc(
            $"[default]\nKEY_CMD {command.Replace("@damaged", damaged, StringComparison.Ordinal)}\n");
        ClientRunResult run = client.Run(Ordinary);
        Assert.Equal(1, run.Status);
        Assert.Contains(error, run.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("secret", run.Error, StringComparison.Ordinal);
        Assert.Empty(client.Sender.Sent);
    }

    [Theory]
    [InlineData("true", "[*] The encryption key is empty, no SPA packet sent. Exiting.\n")]
    [InlineData("\"printf 'KEY_BASE64: %%\\n'\"", "[*] Invalid key length: '0', must be in [1,128]\n")]
    public void Program_that_prints_no_key(string command, string error)
    {
        using ClientHarness client = new ClientHarness().WithRc($"[default]\nKEY_CMD {command}\n");
        ClientRunResult run = client.Run(Ordinary);
        Assert.Equal((1, error), (run.Status, run.Error));
        Assert.Empty(client.Sender.Sent);
    }

    [Theory]
    [InlineData("KEY_CMD")]
    [InlineData("HMAC_KEY_CMD")]
    [InlineData("WGET_CMD")]
    public void Command_with_a_zero_byte_is_refused(string keyword)
    {
        using ClientHarness client = new ClientHarness().WithRc($"[default]\n{keyword} /bin/ec\0ho\n");
        ClientRunResult run = client.Run([.. Ordinary, "-R"]);
        Assert.Equal(1, run.Status);
        Assert.StartsWith($"{keyword}: a command cannot hold a zero byte.\nParameter error in ", run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void Keys_in_standard_input_are_not_for_the_program()
    {
        using TemporaryFolder folder = new();
        string rc = folder.Write("fwknoprc", "[default]\nKEY_CMD \"sh -c 'cat >&2; echo secret'\"\nUSE_HMAC Y\n");
        ProcessRun run = ProcessRun.Run(new ProcessCommand(
            ClientFile.Location, ["--rc-file", rc, "-T", "--stdin", .. Ordinary])
        {
            Input = "other\n",
        });
        Assert.Equal((0, string.Empty), (run.ExitCode, run.Errors));
        string packet = run.Output.Split('\n').First(line => line.Contains("Final SPA Data: ", StringComparison.Ordinal)).Split(": ")[1];
        using Protocol.PacketKeys keys = ClientHarness.KeysOf("secret", "other");
        Assert.True(Protocol.SpaPacket.TryOpen(System.Text.Encoding.ASCII.GetBytes(packet), keys, out _, out Protocol.Rejection why), why.ToString());
    }

    // A string could not be wiped.
    [Fact]
    public void Key_does_not_become_text()
    {
        byte[] key = new byte[1_000_000];
        Array.Fill(key, (byte)'k');
        using SecretBuffer output = new();
        output.Append("note\n"u8).Append(key);
        KeyCommand program = new("KEY", "none", new LinuxPlatform(), sharesInput: false);
        Assert.Equal("note"u8.ToArray(), program.Find(output, out _).ToArray());

        long before = GC.GetAllocatedBytesForCurrentThread();
        _ = program.Find(output, out _);

        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 10_000);
    }

    [Fact]
    public void Program_in_the_current_folder_is_not_found_by_name()
    {
        using ClientHarness client = new ClientHarness().WithRc("[default]\nKEY_CMD fwknop\n");
        client.Variables["PATH"] = client.Path("empty");
        Assert.Contains("'fwknop' cannot be run: not found", client.Run(Ordinary).Error, StringComparison.Ordinal);
    }

    [Fact]
    public void Other_kinds_of_keys_come_first_and_the_program_is_not_run()
    {
        using ClientHarness client = new ClientHarness().WithRc("[default]\nKEY_CMD false\nHMAC_KEY_CMD false\n[x]\nKEY k\nHMAC_KEY j\n");
        Assert.Equal(0, client.Run([.. Ordinary, "-n", "x"]).Status);
    }
}
