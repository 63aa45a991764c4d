using System.Text;
using Fwknop.Protocol;

namespace Fwknop.Client.Tests;

/// <summary>client.md 8: where keys come from, in which order, and what is refused.</summary>
public sealed class KeyTests
{
    [Fact]
    public void Endless_line_of_a_descriptor_is_given_up()
    {
        using MemoryStream endless = new(new byte[1024 * 1024]);
        using SecretLine line = new();
        Assert.Equal(PromptResult.BadDescriptor, new DescriptorPrompt(() => endless, hasCarriageReturns: false).Ask("", line));
        Assert.InRange(endless.Position, 1, endless.Length / 2);
    }

    private static readonly string[] Ordinary = ["-D", "h", "-a", "192.0.2.7", "-A", "tcp/22"];

    // Every row: what [default], the stanza and the command line say; the two keys that result.
    [Theory]
    [InlineData("KEY d", "", "", "d", null)]
    [InlineData("KEY d", "KEY s", "", "s", null)]
    [InlineData("KEY d", "KEY s", "--key-rijndael c", "c", null)]
    [InlineData("KEY d", "KEY_BASE64 czY0", "", "s64", null)] // the reference takes d: kind beats level there
    [InlineData("KEY d", "", "--key-base64-rijndael YzY0", "c64", null)] // the same
    [InlineData("KEY d", "KEY_FILE @keys", "", "from file", null)]
    [InlineData("KEY d", "KEY s", "-G @keys", "from file", null)]
    [InlineData("KEY d", "KEY_BASE64 czY0\nKEY s\nKEY_FILE @keys", "", "s", null)]
    [InlineData("KEY d", "KEY_BASE64 czY0\nKEY_FILE @keys", "", "s64", null)]
    [InlineData("KEY d", "", "-G @keys --key-base64-rijndael YzY0 --key-rijndael c", "c", null)]
    [InlineData("GPG_SIGNING_PW d", "", "", "d", null)]
    [InlineData("KEY d", "", "-G @missing", "d", null)]
    [InlineData("KEY d\nHMAC_KEY dh", "", "", "d", "dh")]
    [InlineData("KEY d\nHMAC_KEY dh", "HMAC_KEY_BASE64 c2g=", "", "d", "sh")]
    [InlineData("KEY d\nHMAC_KEY dh", "", "--key-hmac ch", "d", "ch")]
    [InlineData("KEY d\nHMAC_KEY dh", "", "--get-hmac-key @keys", "d", "from file")]
    [InlineData("KEY d\nHMAC_KEY dh", "", "--get-hmac-key @missing", "d", "dh")]
    [InlineData("KEY d", "HMAC_KEY_FILE @keys", "", "d", "from file")] // the reference takes it for the encryption key
    [InlineData("KEY d\nUSE_HMAC Y", "", "", "d", "typed 1")]
    [InlineData("USE_HMAC Y", "", "", "typed 1", "typed 2")]
    [InlineData("KEY \"two words\"", "", "", "two words", null)]
    public void Source(string inDefault, string inStanza, string options, string key, string? hmacKey)
    {
        using ClientHarness client = new();
        client.Prompt.Answers.Enqueue("typed 1\n");
        client.Prompt.Answers.Enqueue("typed 2\n");
        string keys = client.Write("keys", "x: other\nh: from file\n");
        string Expand(string text) => text.Replace("@keys", keys, StringComparison.Ordinal).Replace("@missing", client.Path("none"), StringComparison.Ordinal);
        client.WithRc(Expand($"[default]\n{inDefault}\n[x]\n{inStanza}\n"));
        ClientRunResult run = client.Run([.. Ordinary, "-n", "x", .. Expand(options).Split(' ', StringSplitOptions.RemoveEmptyEntries)]);
        Assert.Equal((0, ""), (run.Status, run.Output));
        using PacketKeys expected = ClientHarness.KeysOf(key, hmacKey);
        Assert.True(SpaPacket.TryOpen(client.Sender.Packet, expected, out _, out Rejection why), why.ToString());
        Assert.Equal(hmacKey is null, run.Error.Contains("WARNING: Sending without HMAC", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("h: key\n", "key")]
    [InlineData("h:key", "key")]
    [InlineData(" \t=h: \t=key\n", "key")]
    [InlineData("h: a key \n", "a key ")]
    [InlineData("h: key\r\n", "key\r")]
    [InlineData("h: one\nh: two\nx: three\n", "two")]
    [InlineData("h: one\nh:\n", "")]
    [InlineData("h key\n", "")]
    [InlineData("h : key\n", "")]
    [InlineData("#h: key\n", "")]
    [InlineData(";h: key\n", "")]
    [InlineData("hh: key\n", "")]
    [InlineData("H: key\n", "")]
    [InlineData("", "")]
    public void Key_file(string content, string key) =>
        Assert.Equal(key, Encoding.UTF8.GetString(KeyFile.Find(Encoding.UTF8.GetBytes(content), "h"u8)));

    [Theory]
    [InlineData("-G @none", "Could not open config file: @none\n[*] No such file or directory.\n")]
    [InlineData("-G /", "Could not open config file: /\n[*] Is a directory.\n")]
    [InlineData("-G @empty", "Could not get key for IP: h from: @empty\n")]
    [InlineData("--key-rijndael k --get-hmac-key @none", "Could not open config file: @none\n[*] No such file or directory.\n")]
    [InlineData("--key-rijndael k --get-hmac-key @empty", "Could not get key for IP: h from: @empty\n")]
    [InlineData("--key-base64-rijndael ====", "[*] Invalid key length: '0', must be in [1,128]\n")]
    [InlineData("--key-base64-rijndael @128", "[*] Invalid key length: '128', must be in [1,128]\n")]
    [InlineData("--key-base64-rijndael @300", "[*] Invalid key length: '300', must be in [1,128]\n")]
    [InlineData("--key-rijndael k --key-base64-hmac @129", "[*] Invalid decoded key length: '129', must be in [0,128]\n")]
    [InlineData("--key-rijndael same --key-hmac same", "[*] The encryption passphrase and HMAC key should not be identical, no SPA packet sent. Exiting.\n")]
    [InlineData("--key-base64-rijndael @33", "fwknop: fko_spa_data_final: Error 95 - Invalid key length\n*")]
    [InlineData("--key-rijndael k --key-hmac @raw129", "fwknop: fko_spa_data_final: Error 109 - Invalid HMAC key length\n")]
    [InlineData("",
        "[*] getpasswd() key error.\n[*] There is no terminal to ask for the key: put KEY_BASE64 or KEY_CMD into the rc file, or use --stdin or --fd.\n")]
    [InlineData("--key-rijndael k --use-hmac",
        "[*] getpasswd() key error.\n[*] There is no terminal to ask for the key: put HMAC_KEY_BASE64 or HMAC_KEY_CMD into the rc file, or use --stdin or --fd.\n")]
    public void Refusal(string options, string expected)
    {
        using ClientHarness client = new();
        string empty = client.Write("empty", "#h: key\n");
        string Expand(string text)
        {
            text = text.Replace("@none", client.Path("none"), StringComparison.Ordinal).Replace("@empty", empty, StringComparison.Ordinal)
                .Replace("@raw129", new string('k', 129), StringComparison.Ordinal);
            foreach (int length in (int[])[300, 129, 128, 33])
            {
                text = text.Replace($"@{length}", Convert.ToBase64String(new byte[length]), StringComparison.Ordinal);
            }

            return text;
        }

        ClientRunResult run = client.Run([.. Ordinary, "--no-rc-file", .. Expand(options).Split(' ', StringSplitOptions.RemoveEmptyEntries)]);
        Assert.Equal((1, ""), (run.Status, run.Output));
        Assert.StartsWith(Expand(expected).TrimEnd('*'), run.Error, StringComparison.Ordinal);
        Assert.True(expected.EndsWith('*') || run.Error == Expand(expected), run.Error);
        Assert.Empty(client.Sender.Sent);
    }

    [Fact]
    public void Missing_hmac_key_file_of_the_rc_file_stops_sending_but_not_a_test()
    {
        using ClientHarness client = new();
        client.WithRc($"[default]\nKEY d\nHMAC_KEY_FILE {client.Path("none")}\n");
        Assert.Equal((1, $"Could not open config file: {client.Path("none")}\n[*] No such file or directory.\n"), (client.Run(Ordinary).Status, client.Run(Ordinary).Error));
        Assert.Empty(client.Sender.Sent);
        ClientRunResult test = client.Run([.. Ordinary, "-T"]);
        Assert.Equal((0, "0 (None)"), (test.Status, test.Field("HMAC Type")));
        Assert.Contains("Could not open config file", test.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("\n", "")]
    [InlineData("", "")]
    public void Empty_encryption_key_is_not_sent_but_tested(string typed, string key)
    {
        using ClientHarness client = new();
        client.Prompt.Answers.Enqueue(typed);
        ClientRunResult run = client.Run([.. Ordinary, "--no-rc-file"]);
        Assert.Equal((1, "[*] The encryption key is empty, no SPA packet sent. Exiting.\n"), (run.Status, run.Error));
        Assert.Empty(client.Sender.Sent);
        client.Prompt.Answers.Enqueue(typed);
        run = client.Run([.. Ordinary, "--no-rc-file", "-T"]);
        Assert.Equal(0, run.Status);
        using PacketKeys keys = ClientHarness.KeysOf(key, null);
        Assert.True(SpaPacket.TryOpen(Encoding.ASCII.GetBytes(run.Field("Final SPA Data")), keys, out _, out _));
    }

    [Fact]
    public void Empty_hmac_key_is_not_sent_but_tested_with_the_hmac_of_an_empty_key()
    {
        using ClientHarness client = new();
        client.Prompt.Answers.Enqueue("\n");
        ClientRunResult run = client.Run([.. Ordinary, "--no-rc-file", "--key-rijndael", "k", "--use-hmac"]);
        Assert.Equal((1, "[*] The HMAC key is empty, no SPA packet sent. Exiting.\n"), (run.Status, run.Error));
        Assert.Empty(client.Sender.Sent);
        client.Prompt.Answers.Enqueue("\n");
        run = client.Run([.. Ordinary, "--no-rc-file", "--key-rijndael", "k", "--use-hmac", "-T"]);
        Assert.Equal(0, run.Status);
        string hmac = run.Field("HMAC");
        string cipherText = "U2FsdGVkX1" + run.Field("Final SPA Data")[..^hmac.Length];
        byte[] expected = System.Security.Cryptography.HMACSHA256.HashData(Array.Empty<byte>(), Encoding.ASCII.GetBytes(cipherText));
        Assert.Equal(Convert.ToBase64String(expected).TrimEnd('='), hmac);
    }

    [Fact]
    public void Ctrl_c_at_the_prompt_sends_nothing()
    {
        using ClientHarness client = new();
        client.Prompt.Answers.Enqueue("secret\x03");
        ClientRunResult run = client.Run([.. Ordinary, "--no-rc-file"]);
        Assert.Equal((1, "", "[*] Interrupted, no SPA packet sent.\n"), (run.Status, run.Output, run.Error));
        Assert.Empty(client.Sender.Sent);
    }

    [Fact]
    public void Questions_come_in_order_and_only_when_needed()
    {
        using ClientHarness client = new();
        client.Prompt.Answers.Enqueue("one\n");
        client.Prompt.Answers.Enqueue("two\n");
        Assert.Equal(0, client.Run([.. Ordinary, "--no-rc-file", "--use-hmac"]).Status);
        Assert.Equal(["Enter encryption key: ", "Enter HMAC key: "], client.Prompt.Questions);
    }

    [Fact]
    public void Legacy_key_is_cut_to_16_bytes_with_the_warning_of_the_reference()
    {
        using ClientHarness client = new();
        ClientRunResult run = client.Run([.. Ordinary, "--no-rc-file", "-M", "legacy", "--key-rijndael", "0123456789abcdefXYZ"]);
        Assert.Equal(0, run.Status);
        Assert.StartsWith("WARNING: Encryption key in '-M legacy' mode must be <= 16 bytes\n", run.Error, StringComparison.Ordinal);
        using PacketKeys keys = new(EncryptionKey.FromBytes("0123456789abcdef"u8), mode: EncryptionMode.Legacy);
        Assert.True(SpaPacket.TryOpen(client.Sender.Packet, keys, out _, out Rejection why), why.ToString());
    }

    [Theory]
    [InlineData("abc\n", "abc")]
    [InlineData("abc", "abc")]
    [InlineData("abd\bc\n", "abc")]
    [InlineData("abd\x7f" + "c\n", "abc")]
    [InlineData("\x7f\x7f" + "a\n", "a")]
    [InlineData("abü\x7f" + "c\n", "abc")]
    [InlineData("junk\x15" + "abc\n", "abc")]
    [InlineData("abc\x04more\n", "abc")]
    [InlineData("ab\rc\n", "ab\rc")]
    public void Editing_keys(string typed, string expected)
    {
        using SecretLine line = new();
        foreach (byte key in Encoding.UTF8.GetBytes(typed))
        {
            if (line.Add(key) != SecretLineState.Open)
            {
                break;
            }
        }

        Assert.Equal(expected, Encoding.UTF8.GetString(line.Span));
    }

    [Fact]
    public void Long_line_keeps_127_bytes()
    {
        using SecretLine line = new();
        for (int i = 0; i < 1500; i++)
        {
            Assert.Equal(SecretLineState.Open, line.Add((byte)'A'));
        }

        Assert.Equal(SecretLine.MaxLength, line.Span.Length);
    }

    [Fact]
    public void Interrupt_wipes_the_line()
    {
        using SecretLine line = new();
        line.Add((byte)'s');
        Assert.Equal(SecretLineState.Interrupted, line.Add(3));
        Assert.True(line.Span.IsEmpty);
    }
}
