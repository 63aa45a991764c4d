using System.Text;

using Fwknop.OpenPgp;
using Fwknop.Protocol;
using Fwknop.TestSupport;

namespace Fwknop.Interop.Tests;

/// <summary>GPG packets: our client with the reference's daemon, the reference's client with our library.</summary>
public sealed class GpgInteropTests(GpgInteropTests.Site site) : IClassFixture<GpgInteropTests.Site>
{
    private const string HmacKey = "hmac key of the tests";
    private const string OtherHmacKey = "hmac key of unsigned packets";

    [InteropTheory]
    [InlineData("signed with HMAC", "tcp/2001", true, HmacKey, "sha256")]
    [InlineData("signed with the longest HMAC", "tcp/2002", true, OtherHmacKey, "sha512")]
    [InlineData("signed without HMAC", "tcp/2003", true, null, null)]
    [InlineData("unsigned with HMAC", "tcp/2004", false, OtherHmacKey, "sha512")]
    public void The_reference_grants(string what, string request, bool isSigned, string? hmacKey, string? hmacType)
    {
        Assert.NotEmpty(what);

        site.Daemon.GrantAfter(request, () => site.Client.Knock(Knock(request, isSigned, hmacKey, hmacType)));

        Assert.Contains(
            $"--dport {request.Split('/')[^1]} ", site.Network.Server.RunChecked("iptables-save").Output, StringComparison.Ordinal);
    }

    [InteropFact]
    public void The_reference_refuses_an_unsigned_packet_where_a_signature_is_required()
    {
        site.Daemon.LogAfter("Missing GPG signature", () => site.Client.Knock(Knock("tcp/2005", isSigned: false, HmacKey, "sha256")));

        site.Daemon.GrantAfter("tcp/2006", () => site.Client.Knock(Knock("tcp/2006", isSigned: true, HmacKey, "sha256")));
        Assert.Equal(0, site.Daemon.Process.CountLines("Added .* tcp/2005, "));
    }

    [InteropTheory]
    [InlineData("signed with HMAC", true, HmacKey, HmacType.Sha256)]
    [InlineData("signed with another HMAC", true, HmacKey, HmacType.Sha3_512)]
    [InlineData("signed without HMAC", true, null, HmacType.None)]
    [InlineData("unsigned with HMAC", false, HmacKey, HmacType.Sha512)]
    [InlineData("unsigned without HMAC", false, null, HmacType.None)]
    public void Our_library_opens_packets_of_the_reference(string what, bool isSigned, string? hmacKey, HmacType hmacType)
    {
        using TemporaryFolder folder = new();
        string file = folder.FilePath("packet");
        string? hmacName = hmacKey is null ? null : AlgorithmNames.GetName(hmacType);

        // In test mode, which fails where the client cannot read what it made for another; the packet is saved before.
        ProcessRun run = ProcessRun.Run(new ProcessCommand(
            Reference.ClientProgram,
            [
                "--no-rc-file", "--no-save-args", "-T", "-B", file, "-D", "192.0.2.1", "-a", "192.0.2.9", "-A", "tcp/22", "-U", "tester",
                .. site.GpgArguments(isSigned, hmacKey, hmacName),
            ])
        { Environment = new Dictionary<string, string?> { ["HOME"] = folder.Path } });

        Assert.True(File.Exists(file), run.Errors);
        byte[] packet = Encoding.ASCII.GetBytes(File.ReadAllText(file).TrimEnd('\n'));
        AuthenticMessage opened = site.Open(packet, hmacKey, hmacType, isSigned, what);
        Assert.Equal("192.0.2.9,tcp/22", opened.Message.Message.ToString());
        Assert.Equal("tester", opened.Message.Username.ToString());
        Assert.Equal(isSigned ? GpgHome.ClientFingerprint : null, opened.Signature?.Fingerprint);
    }

    private IReadOnlyList<string> Knock(string request, bool isSigned, string? hmacKey, string? hmacType) =>
        [.. site.Request(request), .. site.GpgArguments(isSigned, hmacKey, hmacType)];

    /// <summary>Keyrings of both sides and a daemon of the reference with a stanza for each kind of packet.</summary>
    public sealed class Site : IDisposable
    {
        private readonly Lazy<GpgHome> _client = new(GpgHome.OfClient);
        private readonly Lazy<GpgHome> _server = new(GpgHome.OfServer);
        private readonly Lazy<DaemonPair> _pair;

        public Site()
        {
            _pair = new(() => new DaemonPair(Access(_server.Value.Path)));
        }

        public TestNetwork Network => _pair.Value.Network;

        public SpaDaemon Daemon => _pair.Value.Daemon;

        public SpaClient Client => _pair.Value.Client;

        public IReadOnlyList<string> Request(string ports) => _pair.Value.Request(ports);

        public IReadOnlyList<string> GpgArguments(bool isSigned, string? hmacKey, string? hmacType)
        {
            List<string> arguments = ["--gpg-recipient-key", GpgHome.Server, "--gpg-home-dir", _client.Value.Path, "--gpg-no-signing-pw"];
            arguments.AddRange(isSigned ? ["--gpg-signer-key", GpgHome.Client] : []);
            arguments.AddRange(hmacKey is null ? [] : ["--key-hmac", hmacKey, "--hmac-digest-type", hmacType!]);
            return arguments;
        }

        public AuthenticMessage Open(byte[] packet, string? hmacKey, HmacType hmacType, bool isSigned, string what)
        {
            GpgSettings settings = new()
            {
                HomeDirectory = _server.Value.Path,
                Environment = GpgEnvironment.From(Environment.GetEnvironmentVariable, usesAgent: false),
            };
            using GpgOpenPgp gpg = new(settings, new OpenPgpNames(null, null, null, ""), null, null, new GpgPassphrase([]));
            HmacKey? key = hmacKey is null ? null : Protocol.HmacKey.FromBytes(Encoding.ASCII.GetBytes(hmacKey));
            using PacketKeys keys = new(gpg, key, hmacType, new SignaturePolicy { IsRequired = isSigned });
            Assert.True(SpaPacket.TryOpen(packet, keys, out AuthenticMessage? message, out Rejection why), $"{what}: {why} {gpg.Last.ErrorText}");
            return message!;
        }

        public void Dispose()
        {
            if (_pair.IsValueCreated)
            {
                _pair.Value.Dispose();
            }

            foreach (Lazy<GpgHome> home in new[] { _client, _server })
            {
                if (home.IsValueCreated)
                {
                    home.Value.Dispose();
                }
            }
        }

        private static string Access(string home)
        {
            string gpg = $"SOURCE ANY\nGPG_HOME_DIR {home}\nGPG_DECRYPT_ID {GpgHome.Server}\nGPG_ALLOW_NO_PW Y\n";
            return $"{gpg}GPG_REMOTE_ID {GpgHome.ClientFingerprint[^8..]}\nHMAC_KEY_BASE64 {Base64(HmacKey)}\n"
                + $"{gpg}GPG_REQUIRE_SIG N\nGPG_DISABLE_SIG Y\nHMAC_DIGEST_TYPE SHA512\nHMAC_KEY_BASE64 {Base64(OtherHmacKey)}\n"
                + $"{gpg}GPG_FINGERPRINT_ID {GpgHome.ClientFingerprint}\n";
        }

        private static string Base64(string key) => Convert.ToBase64String(Encoding.ASCII.GetBytes(key));
    }

    private sealed class DaemonPair(string access) : Pair(Implementation.Ours, Implementation.Reference, access);
}
