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
        """u8.ToArray(),
        "SOURCE ANY\nKEY k\n"u8.ToArray(),
    ];

    public static void CheckAccess(byte[] input)
    {
        Loaded<AccessPolicy> loaded = AccessFile.Parse(input, "access.conf", TimeZoneInfo.Utc);
        using AccessPolicy? policy = loaded.Value;
        CheckFindings(loaded.Diagnostics, policy is not null);
        Promise.Require(policy is null || policy.Stanzas.Select(stanza => stanza.Number).SequenceEqual(Enumerable.Range(1, policy.Stanzas.Count)), "stanzas are not numbered in order");
    }

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

    private static void CheckFindings(IReadOnlyList<ConfigDiagnostic> findings, bool isLoaded)
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
