using System.Text;
using Fwknop.OpenPgp;
using Fwknop.Protocol;
using Fwknop.TestSupport;

namespace Fwknop.Interop.Tests;

/// <summary>Keyrings of both sides and a daemon with a stanza for each kind of GPG packet; started with the first use.</summary>
public abstract class GpgSite : IDisposable
{
    public const string HmacKey = "hmac key of the tests";
    public const string OtherHmacKey = "hmac key of unsigned packets";
    public const string CommandHmacKey = "hmac key of commands";

    private readonly Lazy<GpgHome> _client = new(GpgHome.OfClient);
    private readonly Lazy<GpgHome> _server = new(GpgHome.OfServer);
    private readonly Lazy<DaemonPair> _pair;

    protected GpgSite(Implementation client, Implementation daemon)
    {
        _pair = new(() => new DaemonPair(client, daemon, Access(_server.Value.Path)));
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
        GC.SuppressFinalize(this);
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
            + $"{gpg}GPG_FINGERPRINT_ID {GpgHome.ClientFingerprint}\nENABLE_CMD_EXEC Y\nHMAC_KEY_BASE64 {Base64(CommandHmacKey)}\n"
            + $"{gpg}GPG_FINGERPRINT_ID {GpgHome.ClientFingerprint}\n";
    }

    private static string Base64(string key) => Convert.ToBase64String(Encoding.ASCII.GetBytes(key));

    private sealed class DaemonPair(Implementation client, Implementation daemon, string access) : Pair(client, daemon, access);
}
