using Fwknop.Configuration;
using Fwknop.Configuration.Access;
using Fwknop.Configuration.Server;

namespace Fwknop.Fuzz.Targets;

/// <summary>Input: a configuration file. It ends in a configuration or in errors, and no line of the log is forged.</summary>
internal static class ConfigurationTargets
{
    private static readonly ServerOptions Options = ServerCommandLine.Parse("fwknopd", []);

    public static IReadOnlyList<byte[]> AccessCorpus() =>
    [
        """
        # comment
        SOURCE 10.0.0.0/8, 2001:db8::/32
        DESTINATION 192.168.1.1/255.255.255.0
        OPEN_PORTS tcp/22, udp/53
        RESTRICT_PORTS tcp/23
        KEY_BASE64 AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=
        HMAC_KEY secret
        HMAC_DIGEST_TYPE sha512
        ENCRYPTION_MODE legacy
        FW_ACCESS_TIMEOUT 60
        REQUIRE_USERNAME joe
        REQUIRE_SOURCE_ADDRESS Y
        ACCESS_EXPIRE 12/31/2030
        SOURCE: ANY;
        KEY: other;
        MAX_FW_TIMEOUT 600
        ACCESS_EXPIRE_EPOCH 2000000000
        SOURCE ANY
        STANZA_NAME alice.laptop
        KEY third
        ENABLE_CMD_EXEC Y
        ENABLE_CMD_SUDO_EXEC Y
        CMD_CYCLE_OPEN ipset add fwknop_allow $SRC,$PROTO:$PORT timeout $CLIENT_TIMEOUT
        CMD_CYCLE_CLOSE NONE
        CMD_CYCLE_TIMER 60
        NOTIFY_CMD /usr/local/bin/tell $IP
        OPEN_PORTS tcp/8000-8010, udp/5
        RESTRICT_PORTS udp/*
        ALLOW_NO_PORTS Y
        ACCESS_HOURS Mon-Fri 08:00-18:00, Sat 22:00-06:00
        TOTP_SECRET GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ
        TOTP_DIGITS 8
        TOTP_PERIOD 60
        GRANT_PREFIX 24,64
        NAT_TARGETS 192.168.1.0/24 tcp/22 tcp/8000-8010, 10.0.0.5, 2001:db8::/32 */443
        SOURCE ANY
        GPG_DECRYPT_PW passphrase
        GPG_DECRYPT_ID me
        GPG_REMOTE_ID 12345678, 1111222233334444
        GPG_FINGERPRINT_ID 1111222233334444555566667777888899990000
        GPG_IGNORE_SIG_VERIFY_ERROR Y
        GPG_EXE /usr/bin/gpg
        ENCRYPTION_MODE Asymmetric
        """u8.ToArray(),
        "SOURCE ANY\nKEY k\n"u8.ToArray(),
    ];

    public static void CheckAccess(byte[] input)
    {
        Loaded<AccessPolicy> loaded = AccessFile.Parse(input, "access.conf", TimeZoneInfo.Utc);
        using AccessPolicy? policy = loaded.Value;
        CheckFindings(loaded.Diagnostics, policy is not null);
        CheckStanzas(policy);
    }

    /// <summary>What every policy promises, wherever it comes from.</summary>
    public static void CheckStanzas(AccessPolicy? policy)
    {
        IReadOnlyList<AccessStanza> stanzas = policy?.Stanzas ?? [];
        Promise.Require(stanzas.Select(stanza => stanza.Number).SequenceEqual(Enumerable.Range(1, stanzas.Count)), "stanzas are not numbered in order");
        string[] names = [.. stanzas.Where(stanza => stanza.Name is not null).Select(stanza => stanza.Name!)];
        Promise.Require(names.Distinct().Count() == names.Length, "two stanzas have one name");
        foreach (AccessStanza stanza in stanzas)
        {
            Promise.Require(stanza.Keys.EncryptionKey.Length > 0 || stanza.Gpg is not null, "a stanza has no key");
            Promise.Require(stanza.Cycle is null || IsProgram(stanza.Cycle.Open), "a packet can choose the program that opens");
            Promise.Require(stanza.Cycle?.Close is null || (IsProgram(stanza.Cycle.Close) && stanza.Cycle.Timer > 0), "a packet can choose the program that closes");
            Promise.Require(stanza.NotifyCommand is null || IsProgram(stanza.NotifyCommand), "a packet can choose the program that is told");
            Promise.Require(stanza.Prefix is { IPv4: >= 8 and <= 32, IPv6: >= 32 and <= 128 }, "a grant is too wide");
            Promise.Require(!stanza.AllowsNoPorts || stanza.OpenPorts is { Items.Count: <= 32 }, "a request for nothing opens everything");
            Promise.Require(stanza.Totp is null or { Secret.Length: >= 16, Digits: >= 6 and <= 8, Period: >= 15 }, "the second factor is weak");
            Promise.Require(stanza.Gpg is not { Signatures.IsRequired: true, RemoteIds.Count: 0, Fingerprints.Count: 0 }, "anybody may sign");
        }
    }

    private static bool IsProgram(IReadOnlyList<string> words) => words.Count is >= 1 and <= CommandCycle.MaxWords && !words[0].Contains('$', StringComparison.Ordinal);

    public static IReadOnlyList<byte[]> ServerCorpus() =>
    [
        """
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
        MAX_SPA_PACKET_AGE 120
        """u8.ToArray(),
        "FIREWALL_TYPE iptables;\n"u8.ToArray(),
    ];

    public static void CheckServer(byte[] input)
    {
        Loaded<ServerConfig> loaded = ServerConfigFile.Parse(input, Options);
        CheckFindings(loaded.Diagnostics, loaded.Value is not null);
    }

    /// <summary>Errors or a result, and no line of the log is forged.</summary>
    public static void CheckFindings(IReadOnlyList<ConfigDiagnostic> findings, bool isLoaded)
    {
        Promise.Require(isLoaded != findings.Any(finding => finding.Severity == ConfigSeverity.Error), "there are errors and a configuration, or neither");
        foreach (ConfigDiagnostic finding in findings)
        {
            // Some messages of the reference show the line below them: "\n - line".
            string text = finding.ToString();
            int below = text.IndexOf("\n - ", StringComparison.Ordinal);
            string line = below < 0 ? text : text.Remove(below, 1);
            Promise.Require(!line.Any(letter => letter != '\t' && char.IsControl(letter)), $"a message holds a control character: {text}");
        }
    }
}
