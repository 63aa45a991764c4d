using System.Text;
using System.Text.RegularExpressions;
using Fwknop.Configuration.Access;
using Fwknop.Configuration.Server;
using Fwknop.Protocol;

namespace Fwknop.Configuration.Tests;

/// <summary>Damaged files end in errors or in a valid configuration, never in an exception, and give no key away.</summary>
public class MutatedFileTests
{
    private const int Rounds = 100_000;
    private const string Key = "Zm9yTm9ib2R5c0V5ZXM";

    private const string Fragment = "9yTm9ib2R5c0V5Z";

    private static readonly Regex KeyLine = new($"KEY(_BASE64)?[ \t:].*{Fragment}");

    private static readonly byte[] AccessText = Encoding.UTF8.GetBytes($"""
        # comment
        SOURCE 10.0.0.0/8, 2001:db8::/32, ANY
        DESTINATION 192.168.1.1/255.255.255.0
        OPEN_PORTS tcp/22, udp/53
        RESTRICT_PORTS tcp/23
        KEY_BASE64 {Key}
        HMAC_KEY {Key}
        HMAC_DIGEST_TYPE sha512
        ENCRYPTION_MODE legacy
        FW_ACCESS_TIMEOUT 60
        MAX_FW_TIMEOUT 600
        REQUIRE_USERNAME joe
        REQUIRE_SOURCE_ADDRESS Y
        ACCESS_EXPIRE 12/31/2030
        SOURCE: 1.2.3.4;
        KEY: {Key};
        ACCESS_EXPIRE_EPOCH 2000000000
        STANZA_NAME laptop
        ACCESS_HOURS Mon-Fri 08:00-18:00, Sat 09:00-12:00
        GRANT_PREFIX 24,64
        ALLOW_NO_PORTS N
        NAT_TARGETS 192.168.1.0/24 tcp/22 tcp/8000-8010, 10.0.0.5, 2001:db8::/32 */443
        NOTIFY_CMD /usr/bin/notify $SRC $PORT
        TOTP_SECRET GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ
        TOTP_DIGITS 8
        TOTP_PERIOD 60
        ENABLE_CMD_EXEC Y
        CMD_CYCLE_OPEN /usr/sbin/ipset add allow $SRC,$PROTO:$PORT timeout $CLIENT_TIMEOUT
        CMD_CYCLE_CLOSE NONE
        CMD_CYCLE_TIMER 5
        SOURCE 203.0.113.0/24
        GPG_HOME_DIR /
        GPG_DECRYPT_ID 12345678
        GPG_DECRYPT_PW {Key}
        GPG_REMOTE_ID 12345678, 1111222233334444
        GPG_FINGERPRINT_ID 1111222233334444555566667777888899990000
        GPG_IGNORE_SIG_VERIFY_ERROR N
        """);

    private static readonly byte[] ConfigText = Encoding.UTF8.GetBytes("""
        # comment
        PCAP_INTF eth1;
        PCAP_FILTER udp port 62201
        UDPSERV_PORT 62201
        VERBOSE 1
        FWKNOP_RUN_DIR /run/x
        DIGEST_FILE $FWKNOP_RUN_DIR/digest.cache
        IPT_INPUT_ACCESS ACCEPT, filter, INPUT, 1, FWKNOP_INPUT, 1;
        GUARD_PORTS tcp/22, udp/1194
        NFT_INSERT inet filter input, ip6 t c
        FIREWALL_TYPE nftables
        SYSLOG_FACILITY LOG_LOCAL3
        ENABLE_UDP_SERVER Y
        LOCALE NONE
        """);

    private static readonly string[] Scraps =
        ["\0", "\n", "\r", ";", ":", "$", "/", ",", " ", "\t", "-1", "99999999999999999999", "é", "\u001b[2J", "%include x", "SOURCE ", "KEY ", "=", "\uFEFF"];

    [Fact]
    public void AccessFilesNeverThrowAndNeverShowKeys()
    {
        Random random = new(1);
        int good = 0;
        for (int round = 0; round < Rounds; round++)
        {
            byte[] text = Mutate(AccessText, random);
            Loaded<AccessPolicy> loaded = AccessFile.Parse(text, "a.conf", TimeZoneInfo.Utc);

            CheckOutcome(loaded);
            ConfigDiagnostic? indiscreet = loaded.Diagnostics.FirstOrDefault(item => item.Text.Contains(Fragment, StringComparison.Ordinal));
            if (indiscreet is not null && !HasMadeUpKeyLine(text))
            {
                Assert.Fail($"{indiscreet}\n{Encoding.UTF8.GetString(text)}");
            }
            if (loaded.Value is AccessPolicy policy)
            {
                good++;
                Assert.All(policy.Stanzas, CheckStanza);
                policy.Dispose();
            }
        }

        Assert.InRange(good, 1, Rounds - 1);
    }

    [Fact]
    public void ConfigurationFilesNeverThrow()
    {
        Random random = new(2);
        ServerOptions options = ServerCommandLine.Parse("fwknopd", ["-f"]);
        int good = 0;
        for (int round = 0; round < Rounds; round++)
        {
            Loaded<ServerConfig> loaded = ServerConfigFile.Parse(Mutate(ConfigText, random), options);

            CheckOutcome(loaded);
            if (loaded.Value is ServerConfig config)
            {
                good++;
                Assert.InRange(config.UdpServerPort, 1, 65535);
                Assert.InRange(config.SnapLength, 1, 32768);
                Assert.StartsWith("/", config.RunDirectory, StringComparison.Ordinal);
                Assert.All(config.NftInsert, hook => Assert.Matches("^[A-Za-z_][A-Za-z0-9_.-]*$", hook.Chain));
            }
        }

        Assert.InRange(good, 1, Rounds - 1);
    }

    [Fact]
    public void NoiseNeverThrows()
    {
        Random random = new(3);
        byte[] noise = new byte[4096];
        for (int round = 0; round < 200; round++)
        {
            random.NextBytes(noise);

            CheckOutcome(AccessFile.Parse(noise, "a.conf", TimeZoneInfo.Utc));
            CheckOutcome(ServerConfigFile.Parse(noise, ServerCommandLine.Parse("fwknopd", ["-f"])));
        }
    }

    /// <summary>True when the damage moved a key to a line that neither is nor holds a line with a key.</summary>
    private static bool HasMadeUpKeyLine(byte[] text) => Encoding.UTF8.GetString(text).Split('\n')
        .Any(line => line.Contains(Fragment, StringComparison.Ordinal) && !KeyLine.IsMatch(line));

    private static void CheckOutcome<T>(Loaded<T> loaded)
        where T : class
    {
        Assert.Equal(loaded.Value is null, loaded.Diagnostics.Any(item => item.Severity == ConfigSeverity.Error));
        bool isPrintable = loaded.Diagnostics.All(item => item.Text.All(c => !char.IsControl(c) || c is '\n' or '\t'));
        Assert.True(isPrintable);
    }

    private static void CheckStanza(AccessStanza stanza)
    {
        Assert.InRange(stanza.Keys.EncryptionKey.Length, stanza.Gpg is null ? 1 : 0, EncryptionKey.MaxLength);
        Assert.InRange(stanza.FwAccessTimeout, 1, 8388608);
        Assert.InRange(stanza.MaxFwTimeout, 1, 8388608);
        Assert.Equal(stanza.Keys.HmacKey is null, stanza.Keys.HmacType == HmacType.None);
    }

    private static byte[] Mutate(byte[] text, Random random)
    {
        List<byte> bytes = [.. text];
        for (int change = random.Next(1, 6); change > 0; change--)
        {
            int at = random.Next(bytes.Count);
            switch (random.Next(5))
            {
                case 0:
                    bytes[at] = (byte)random.Next(256);
                    break;
                case 1:
                    bytes.InsertRange(at, Encoding.UTF8.GetBytes(Scraps[random.Next(Scraps.Length)]));
                    break;
                case 2:
                    bytes.RemoveRange(at, Math.Min(random.Next(1, 30), bytes.Count - at - 1));
                    break;
                case 3:
                    int from = random.Next(text.Length);
                    bytes.InsertRange(at, text.AsSpan(from, Math.Min(random.Next(1, 60), text.Length - from)).ToArray());
                    break;
                default:
                    RemoveLine(bytes, at);
                    break;
            }
        }

        return [.. bytes];
    }

    private static void RemoveLine(List<byte> bytes, int at)
    {
        int start = bytes.LastIndexOf((byte)'\n', at) + 1;
        int end = bytes.IndexOf((byte)'\n', at);
        if (end > start && bytes.Count > end - start + 1)
        {
            bytes.RemoveRange(start, end - start);
        }
    }
}
