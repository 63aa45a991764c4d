using Fwknop.OpenPgp;
using Fwknop.Protocol;
using Fwknop.TestSupport;

namespace Fwknop.Client.Tests;

/// <summary>GPG mode (client.md 10) with the installed gpg. What Debian's client prints is compared in the conformance calls.</summary>
public sealed class GpgTests(GpgKeys gpg) : IClassFixture<GpgKeys>
{
    private const string NotSent = "";

    [GpgTheory]
    [InlineData("--gpg-signer-key client@ --gpg-no-signing-pw", "[+] GPG mode set, signing passphrase not required\n", true)]
    [InlineData("--gpg-signer-key client@ --gpg-agent", "[+] GPG mode set, signing passphrase acquired via gpg-agent\n", true)]
    [InlineData("--gpg-signer-key client@ --key-rijndael any", "", true)]
    [InlineData("--gpg-signer-key client@ --key-base64-rijndael YW55 -M CFB", "", true)]
    [InlineData("", "", false)]
    public void Sends_a_packet_that_the_server_opens(string options, string output, bool isSigned)
    {
        using ClientHarness client = new();
        ClientRunResult run = Run(client, $"--key-hmac {ClientHarness.HmacKey.Replace(' ', '-')} {options}");

        Assert.Equal((0, output, ""), (run.Status, run.Output, run.Error));
        Assert.Empty(client.Prompt.Questions);
        AuthenticMessage opened = Open(client.Sender.Packet, ClientHarness.HmacKey.Replace(' ', '-'));
        Assert.Equal("192.0.2.9,tcp/22", opened.Message.Message.ToString());
        Assert.Equal(isSigned ? GpgHome.ClientFingerprint : null, opened.Signature?.Fingerprint);
    }

    [GpgFact]
    public void Asks_for_the_passphrase_of_a_signer_and_then_for_the_HMAC_key()
    {
        using ClientHarness client = new();
        client.Prompt.Answers.Enqueue(GpgKeys.Passphrase + "\n");
        client.Prompt.Answers.Enqueue("hmac\n");

        ClientRunResult run = Run(client, $"--use-hmac --gpg-signer-key {gpg.Protected}");

        Assert.Equal((0, "", ""), (run.Status, run.Output, run.Error));
        Assert.Equal(["Enter passphrase for signing: ", "Enter HMAC key: "], client.Prompt.Questions);
        Assert.Equal(gpg.Protected, Open(client.Sender.Packet, "hmac").Signature!.Fingerprint);
    }

    [GpgFact]
    public void Takes_everything_from_the_rc_file()
    {
        using ClientHarness client = new ClientHarness().WithRc(
            $"""
            [default]
            USE_GPG Y
            GPG_HOMEDIR {gpg.Home.Path}
            GPG_EXE /usr/bin/gpg
            [x]
            GPG_RECIPIENT server@
            GPG_SIGNER protected@
            GPG_SIGNING_PW "{GpgKeys.Passphrase}"
            HMAC_KEY hmac

            """);
        Assert.NotEmpty(gpg.Protected);

        ClientRunResult run = client.Run("-n", "x", "-D", "h", "-a", "192.0.2.9", "-A", "tcp/22");

        Assert.Equal((0, "", ""), (run.Status, run.Output, run.Error));
        Assert.Equal(gpg.Protected, Open(client.Sender.Packet, "hmac").Signature!.Fingerprint);
    }

    [GpgFact]
    public void Saves_its_options()
    {
        using ClientHarness client = new ClientHarness().WithRc("[default]\n");
        ClientRunResult run = client.Run(
            "-T", "--save-rc-stanza", "-D", "h", "-a", "192.0.2.9", "-A", "tcp/22", "--gpg-no-signing-pw", "--gpg-home-dir", gpg.Home.Path + "/",
            "--gpg-signer-key", "client@", "--gpg-recipient-key", "server@", "--gpg-exe", "/usr/bin/gpg", "--gpg-agent");

        Assert.Equal((0, ""), (run.Status, run.Error));
        string[] saved = [.. File.ReadAllLines(client.RcPath).Select(line => string.Join(' ', line.Split(' ', StringSplitOptions.RemoveEmptyEntries)))];
        Assert.Equal(
            [
                "USE_GPG Y", "USE_GPG_AGENT Y", "GPG_RECIPIENT server@", "GPG_SIGNER client@", $"GPG_HOMEDIR {gpg.Home.Path}", "GPG_EXE /usr/bin/gpg",
                "GPG_NO_SIGNING_PW Y",
            ],
            saved.Where(line => line.Contains("GPG", StringComparison.Ordinal)));
    }

    [GpgFact]
    public void A_request_can_be_repeated_and_asks_once()
    {
        using ClientHarness client = new();
        client.Prompt.Answers.Enqueue(GpgKeys.Passphrase + "\n");
        using Settings settings = new()
        {
            Level = Level.CommandLine,
            Access = "tcp/22",
            Destination = "h",
            UseGpg = true,
            GpgHomeDirectory = gpg.Home.Path,
            GpgRecipient = GpgHome.Server,
            GpgSigner = gpg.Protected,
            HmacKey = KeySources.WithRaw(null, Level.CommandLine, "hmac"u8),
        };
        settings.Allow.SetLiteral(Level.CommandLine, "192.0.2.9");
        settings.Hmac.Imply(Level.CommandLine);
        using MemoryStream output = new();
        using Knock knock = new(settings, new Messages(output, output), client.Environment());

        Assert.True(knock.TryPrepare());
        Assert.True(knock.TrySend());
        Assert.True(knock.TrySend());

        Assert.Single(client.Prompt.Questions);
        FieldText[] random = [.. client.Sender.Sent.Select(sent => Open(sent.Packet, "hmac").Message.RandomValue)];
        Assert.Equal(2, random.Distinct().Count());
    }

    [GpgFact]
    public void Names_the_subkey_that_signs()
    {
        string primary = gpg.Home.Generate("subkeys@example.org", "ed25519", "ed25519", "sign", "");
        string[] keys = [.. gpg.Home.Run("--with-colons", "--list-keys", "--", primary).Output.Split('\n')
            .Where(line => line.StartsWith("fpr:", StringComparison.Ordinal)).Select(line => line.Split(':')[9])];
        string signer = keys.Last();
        Assert.NotEqual(primary, signer);
        using ClientHarness client = new();

        ClientRunResult run = Run(client, $"-v --key-hmac hmac --gpg-no-signing-pw --gpg-signer-key {primary}");
        ClientRunResult exact = Run(client, $"-v --key-hmac hmac --gpg-no-signing-pw --gpg-signer-key {primary[^16..]}!");

        Assert.Contains($"[+] Signed by key {signer}; GPG_REMOTE_ID of the server: {signer[^8..]}\n", run.Output, StringComparison.Ordinal);
        Assert.Contains($"[+] Signed by key {primary}; GPG_REMOTE_ID of the server: {primary[^8..]}\n", exact.Output, StringComparison.Ordinal);
    }

    [GpgTheory]
    [InlineData("the wrong passphrase", "--gpg-signer-key @protected --key-rijndael wrong",
        "fwknop: fko_spa_data_final: Error 121 - The GPG passphrase was not valid\nGPG ERR: Bad passphrase\n")]
    [InlineData("a passphrase where there is none", "--gpg-signer-key @protected --gpg-no-signing-pw",
        "fwknop: fko_spa_data_final: Error 121 - The GPG passphrase was not valid\nGPG ERR: No passphrase given\n")]
    [InlineData("no terminal to ask at", "--gpg-signer-key client@", "[*] getpasswd() key error.\n"
        + "[*] There is no terminal to ask for the passphrase: put GPG_SIGNING_PW_BASE64 into the rc file, or use --gpg-agent, --stdin or --fd.\n")]
    [InlineData("no gpg", "--gpg-exe /nowhere/gpg", "fwknop: fko_set_gpg_exe: Error 134 - Unable to stat the given GPG executable\n")]
    [InlineData("a gpg that nobody may execute", "--gpg-exe /etc/passwd",
        "fwknop: fko_set_gpg_exe: Error 134 - Unable to stat the given GPG executable\n[*] /etc/passwd: not executable.\n")]
    [InlineData("no home directory", "--gpg-home-dir /nowhere", "fwknop: fko_set_gpg_home_dir: Error 135 - Unable to stat the given GPG home directory\n")]
    [InlineData("a gpg that fails", "--gpg-exe /bin/false",
        "fwknop: fko_set_gpg_recipient: Error 130 - The key for the given recipient was not found\nGPG ERR: gpg ended with status 1\n")]
    [InlineData("a gpg that floods", "--gpg-exe @flood",
        "fwknop: fko_set_gpg_recipient: Error 129 - Error from signer keylist start operation\nGPG ERR: @flood printed more than it should\n")]
    [InlineData("a recipient without a key to encrypt to", "--gpg-recipient-key @protected",
        "fwknop: fko_spa_data_final: Error 122 - Error during the encrypt and sign operation\nGPG ERR: Unusable public key\n")]
    public void Sends_nothing_with(string what, string options, string expected)
    {
        using TemporaryFolder folder = new();
        string flood = folder.WriteProgram("gpg", "#!/bin/sh\nexec yes pub:u:2048:1:C2A0CC1FBC7379BD:1704164645:::u:::scESC:\n");
        string Expand(string text) => text.Replace("@flood", flood, StringComparison.Ordinal)
            .Replace("@protected", text.Contains("@protected", StringComparison.Ordinal) ? gpg.Protected : "", StringComparison.Ordinal);
        using ClientHarness client = new();

        ClientRunResult run = Run(client, $"--key-hmac hmac {Expand(options)}");

        string output = options.Contains("--gpg-no-signing-pw", StringComparison.Ordinal) ? "[+] GPG mode set, signing passphrase not required\n" : NotSent;
        Assert.True(run.Status == 1, what);
        Assert.Equal((output, Expand(expected)), (run.Output, run.Error));
        Assert.Empty(client.Sender.Sent);
    }

    [GpgFact]
    public void Name_of_gpg_is_looked_for_along_PATH_and_never_in_the_current_folder()
    {
        using ClientHarness client = new();
        client.Variables["PATH"] = "/usr/bin:/bin";
        Assert.Equal((0, ""), Outcome(Run(client, "--key-hmac hmac --gpg-exe gpg")));

        const string name = "Fwknop.Client.Tests.dll";
        Assert.True(File.Exists(name));
        Assert.Equal(
            (1, "fwknop: fko_set_gpg_exe: Error 134 - Unable to stat the given GPG executable\n"),
            Outcome(Run(client, $"--key-hmac hmac --gpg-exe {name}")));
    }

    [GpgTheory]
    [InlineData("tcp/22,", 25, 3, "")]
    [InlineData("tcp/22,", 25, 4,
        "fwknop: fko_spa_data_final: Error @number\n[*] The message, which is address and request, has 193 bytes, and servers read at most 192: shorten -A or -C. No SPA packet sent.\n")]
    public void Message_that_no_server_reads_is_refused_with_its_length(string port, int count, int digits, string expected)
    {
        using ClientHarness client = new();
        string ports = string.Concat(Enumerable.Repeat(port, count)) + "tcp/" + new string('1', digits);
        ClientRunResult run = Run(client, $"--key-hmac hmac -A {ports}");
        Assert.Equal(expected, System.Text.RegularExpressions.Regex.Replace(run.Error, "Error [0-9]+ - .*", "Error @number"));
        Assert.Equal(expected.Length == 0 ? 0 : 1, run.Status);
    }

    [GpgFact]
    public void Refuses_a_recipient_with_an_elliptic_curve()
    {
        using ClientHarness client = new();
        ClientRunResult run = Run(client, $"--key-hmac hmac --gpg-recipient-key {gpg.Curve}");
        Assert.Equal(1, run.Status);
        Assert.Matches(@"^\[\*\] Servers cannot read GPG packets for this recipient key \([0-9]{3} characters, .* No SPA packet sent\.\n$", run.Error);
        Assert.Empty(client.Sender.Sent);
    }

    [Theory]
    [InlineData(Rejection.EncryptGpgResultMessageLengthInvalid, 1300, HmacType.Sha256, "too long: 1734 characters, and at most 1499 can")]
    [InlineData(Rejection.EncryptGpgResultMessageLengthInvalid, 1124, HmacType.Sha512, "too long with its HMAC: 1497 + 86 characters, and at most 1499 can")]
    [InlineData(Rejection.TooShortForOpenPgp, 290, HmacType.None, "too short: 385 characters without HMAC, and servers take less than 400")]
    [InlineData(Rejection.OpenPgpKeyUnsuitable, 300, HmacType.None, "(400 characters, but")]
    public void Names_measured_size_and_limit(Rejection why, int length, HmacType hmac, string expected) =>
        Assert.Contains(expected, GpgPacketSize.Problem(why, length, hmac), StringComparison.Ordinal);

    private static (int Status, string Error) Outcome(ClientRunResult run) => (run.Status, run.Error);

    private ClientRunResult Run(ClientHarness client, string options) => client.Run(
        ["--no-rc-file", "-D", "h", "-a", "192.0.2.9", "-A", "tcp/22", "--gpg-home-dir", gpg.Home.Path + "/", "--gpg-recipient-key", "server@",
            .. options.Split(' ', StringSplitOptions.RemoveEmptyEntries)]);

    private AuthenticMessage Open(byte[] packet, string hmacKey)
    {
        GpgSettings settings = new()
        {
            HomeDirectory = gpg.Home.Path,
            Environment = GpgEnvironment.From(System.Environment.GetEnvironmentVariable, usesAgent: false),
        };
        using GpgOpenPgp openPgp = new(settings, new OpenPgpNames(null, null, null, ""), null, null, new GpgPassphrase([]));
        Assert.True(HmacKey.TryFromPassphrase(hmacKey, out HmacKey? hmac));
        using PacketKeys keys = new(openPgp, hmac, signaturePolicy: new SignaturePolicy { IsRequired = false });
        Assert.True(SpaPacket.TryOpen(packet, keys, out AuthenticMessage? message, out Rejection why), $"{why} {openPgp.Last.ErrorText}");
        return message!;
    }
}
