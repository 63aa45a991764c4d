using System.Globalization;
using Fwknop.Configuration.Access;
using Fwknop.Configuration.Server;
using Fwknop.Configuration.Tests.Access;

namespace Fwknop.Configuration.Tests.Server;

/// <summary>The output of <c>-D</c>, server.md 1.4; texts recorded from Debian's fwknopd 2.6.10 where not said otherwise.</summary>
public class ConfigDumpTests
{
    [Fact]
    public void ShowsVariablesInTheOrderOfTheReference()
    {
        string[] lines = Dump("VERBOSE 2\nDIGEST_FILE $FWKNOP_RUN_DIR/d\n", "SOURCE ANY\nKEY abc\n", "-r", "/r", "-O", "/o").Split('\n');

        Assert.Equal("Current fwknopd config settings:", lines[0]);
        Assert.Equal("  0. CONFIG_FILE                  =  'f.conf'", lines[1]);
        Assert.Equal("  1. OVERRIDE_CONFIG              =  '/o'", lines[2]);
        Assert.Equal("  2. PCAP_INTF                    =  'eth0'", lines[3]);
        Assert.Equal("  3. PCAP_FILE                    =  '<not set>'", lines[4]);
        Assert.Equal("  8. ENABLE_PCAP_ANY_DIRECTION    =  '<not set>'", lines[9]);
        Assert.Equal(" 17. ALLOW_ANY_USER_AGENT         =  'N'", lines[18]);
        Assert.Equal(" 37. IPT_INPUT_ACCESS             =  'ACCEPT, filter, INPUT, 1, FWKNOP_INPUT, 1'", lines[38]);
        Assert.Equal(" 44. FWKNOP_RUN_DIR               =  '/r'", lines[45]);
        Assert.Equal(" 48. FWKNOP_PID_FILE              =  '/r/fwknopd.pid'", lines[49]);
        Assert.Equal(" 53. FIREWALL_EXE                 =  '/usr/sbin/iptables'", lines[54]);
        Assert.Equal(" 54. VERBOSE                      =  '2'", lines[55]);
        Assert.Equal(" 55. FAULT_INJECTION_TAG          =  '<not set>'", lines[56]);
        Assert.Equal(" 56. FIREWALL_TYPE                =  'auto'", lines[57]);
        Assert.Contains("\n\nCurrent fwknopd access settings:\nSOURCE (1):  ANY\n", string.Join('\n', lines), StringComparison.Ordinal);
    }

    [Fact]
    public void ListsTheReferencesVariablesInItsOrder()
    {
        // server.md 1.4, R11 with iptables.
        const string Order =
            "CONFIG_FILE OVERRIDE_CONFIG PCAP_INTF PCAP_FILE ENABLE_PCAP_PROMISC PCAP_FILTER PCAP_DISPATCH_COUNT PCAP_LOOP_SLEEP " +
            "ENABLE_PCAP_ANY_DIRECTION EXIT_AT_INTF_DOWN MAX_SNIFF_BYTES ENABLE_SPA_PACKET_AGING MAX_SPA_PACKET_AGE ENABLE_DIGEST_PERSISTENCE " +
            "RULES_CHECK_THRESHOLD CMD_EXEC_TIMEOUT ENABLE_SPA_OVER_HTTP ALLOW_ANY_USER_AGENT ENABLE_TCP_SERVER TCPSERV_PORT ENABLE_UDP_SERVER " +
            "UDPSERV_PORT UDPSERV_SELECT_TIMEOUT LOCALE SYSLOG_IDENTITY SYSLOG_FACILITY ENABLE_X_FORWARDED_FOR ENABLE_DESTINATION_RULE " +
            "ENABLE_RULE_PREPEND ENABLE_NAT_DNS ENABLE_IPT_FORWARDING ENABLE_IPT_LOCAL_NAT ENABLE_IPT_SNAT SNAT_TRANSLATE_IP ENABLE_IPT_OUTPUT " +
            "FLUSH_IPT_AT_INIT FLUSH_IPT_AT_EXIT IPT_INPUT_ACCESS IPT_OUTPUT_ACCESS IPT_FORWARD_ACCESS IPT_DNAT_ACCESS IPT_SNAT_ACCESS " +
            "IPT_MASQUERADE_ACCESS ENABLE_IPT_COMMENT_CHECK FWKNOP_RUN_DIR FWKNOP_CONF_DIR ACCESS_FILE ACCESS_FOLDER FWKNOP_PID_FILE " +
            "DIGEST_FILE GPG_HOME_DIR GPG_EXE SUDO_EXE FIREWALL_EXE VERBOSE FAULT_INJECTION_TAG";

        Assert.Equal(Order.Split(' '), ServerKeywordTests.Parse("").Value!.Settings.Take(56).Select(setting => setting.Key));
    }

    /// <summary>Every variable that can have another value than its default; those of firewalls that are not supported are refused.</summary>
    [Fact]
    public void ShowsEveryVariableThatHasAnEffect()
    {
        string[] shown = [.. ServerKeywordTests.Parse("").Value!.Settings.Select(setting => setting.Key)];
        foreach (ServerKeyword keyword in ServerKeywords.All.Where(keyword => !shown.Contains(keyword.Name)))
        {
            if (keyword.Firewall is { } firewall)
            {
                Assert.Contains(ServerKeywordTests.Parse($"FIREWALL_TYPE {firewall}\n").Value!.Settings, setting => setting.Key == keyword.Name);
                continue;
            }

            string[] others = ["Y", "N", "7", "/x", "other", $"DROP{keyword.Default?[(keyword.Default.Contains(',', StringComparison.Ordinal) ? keyword.Default.IndexOf(',', StringComparison.Ordinal) : 0)..]}"];
            ServerConfig standard = ServerKeywordTests.Parse("").Value!;
            Assert.All(others, value => Assert.True(
                ServerKeywordTests.Parse($"{keyword.Name} {value}").Value is not { } config || config == standard with { Settings = config.Settings },
                $"{keyword.Name} {value} has an effect, and -D does not show it"));
            Assert.Contains(others, value => ServerKeywordTests.Parse($"{keyword.Name} {value}").HasErrors);
        }

        Assert.Contains("NFQ_CHAIN", shown);
    }

    /// <summary>Every variable of a stanza is a field, or the other spelling of one. The mode of the encryption has none in the reference either.</summary>
    [Fact]
    public void ShowsEveryVariableOfAStanza()
    {
        Dictionary<string, string> shownAs = new()
        {
            ["REQUIRE_SOURCE"] = "REQUIRE_SOURCE_ADDRESS",
            ["ACCESS_EXPIRE_EPOCH"] = "ACCESS_EXPIRE",
            ["FORCE_NAT"] = "FORCE_NAT (ip)",
            ["FORCE_SNAT"] = "FORCE_SNAT (ip)",
            ["GPG_DISABLE_SIG"] = "GPG_REQUIRE_SIG",
            ["GPG_ALLOW_NO_PW"] = "GPG_DECRYPT_PW",
        };
        string stanza = Dump("", "SOURCE ANY\nKEY abc\n").Split("Current fwknopd access settings:\n")[1];
        IEnumerable<string> shown = stanza.Split('\n').Select(line => line.Split(":  ")[0].Trim());

        Assert.Equal(["ENCRYPTION_MODE"], AccessKeywords.ByName.Keys.Where(name => !shown.Contains(shownAs.GetValueOrDefault(name, name))));
    }

    [Fact]
    public void ShowsEachLineOfForwarding()
    {
        const string Access = "SOURCE ANY\nKEY k\nFORCE_NAT 10.0.0.1 22\nFORCE_NAT 2001:db8::1 23 udp\nFORCE_SNAT 10.0.0.7\nFORCE_SNAT 2001:db8::7\n";
        const string Expected = """
                         FORCE_NAT (ip):  10.0.0.1
                      FORCE_NAT (proto):  <not set>
                       FORCE_NAT (port):  22
                         FORCE_NAT (ip):  2001:db8::1
                      FORCE_NAT (proto):  udp
                       FORCE_NAT (port):  23
                        FORCE_SNAT (ip):  10.0.0.7
                        FORCE_SNAT (ip):  2001:db8::7

            """;

        Assert.Contains(Expected, Dump("", Access), StringComparison.Ordinal);
    }

    [Fact]
    public void ShowsStanzasAsTheReferenceDoes()
    {
        const string Access = """
            SOURCE ANY, 10.1
            DESTINATION 1.2.3.4/24
            OPEN_PORTS tcp/22, udp/53
            KEY_BASE64 YWJj
            HMAC_KEY_BASE64 YWJjZGVm
            REQUIRE_USERNAME joe
            ACCESS_EXPIRE 1/2/2030
            SOURCE 1.2.3.4
            KEY foo
            """;
        const string Expected = """
            SOURCE (1):  ANY, 10.1
            ==============================================================
                            DESTINATION:  1.2.3.4/24
                             OPEN_PORTS:  tcp/22, udp/53
                         RESTRICT_PORTS:  <not set>
                                    KEY:  <see the access.conf file>
                             KEY_BASE64:  <see the access.conf file>
                                KEY_LEN:  3
                               HMAC_KEY:  <see the access.conf file>
                        HMAC_KEY_BASE64:  <see the access.conf file>
                           HMAC_KEY_LEN:  6
                       HMAC_DIGEST_TYPE:  3
                      FW_ACCESS_TIMEOUT:  30
                         MAX_FW_TIMEOUT:  300
                        ENABLE_CMD_EXEC:  No
                   ENABLE_CMD_SUDO_EXEC:  No
                     CMD_SUDO_EXEC_USER:  <not set>
                    CMD_SUDO_EXEC_GROUP:  <not set>
                          CMD_EXEC_USER:  <not set>
                         CMD_EXEC_GROUP:  <not set>
                         CMD_CYCLE_OPEN:  <not set>
                        CMD_CYCLE_CLOSE:  <not set>
                        CMD_CYCLE_TIMER:  0
                       REQUIRE_USERNAME:  joe
                 REQUIRE_SOURCE_ADDRESS:  No
                         FORCE_NAT (ip):  <not set>
                      FORCE_NAT (proto):  <not set>
                       FORCE_NAT (port):  0
                        FORCE_SNAT (ip):  <not set>
                       FORCE_MASQUERADE:  No
                           DISABLE_DNAT:  No
                            FORWARD_ALL:  No
                          ACCESS_EXPIRE:  Wed Jan  2 00:00:00 2030
                           GPG_HOME_DIR:  <not set>
                                GPG_EXE:  <not set>
                         GPG_DECRYPT_ID:  <not set>
                         GPG_DECRYPT_PW:  <not set>
                        GPG_REQUIRE_SIG:  No
            GPG_IGNORE_SIG_VERIFY_ERROR:  No
                          GPG_REMOTE_ID:  <not set>
                     GPG_FINGERPRINT_ID:  <not set>
                            STANZA_NAME:  <not set>
                           ACCESS_HOURS:  <not set>
                             NOTIFY_CMD:  <not set>
                            TOTP_SECRET:  <not set>
                            TOTP_DIGITS:  0
                            TOTP_PERIOD:  0
                           GRANT_PREFIX:  32,128
                         ALLOW_NO_PORTS:  No
                            NAT_TARGETS:  <not set>

            SOURCE (2):  1.2.3.4

            """;

        string stanzas = Dump("", Access).Split("Current fwknopd access settings:\n")[1];

        Assert.StartsWith(Expected.TrimEnd('\n'), stanzas, StringComparison.Ordinal);
        Assert.Contains("                   HMAC_KEY:  <not set>\n", stanzas, StringComparison.Ordinal);
        Assert.EndsWith("             ALLOW_NO_PORTS:  No\n                NAT_TARGETS:  <not set>\n\n\n", stanzas, StringComparison.Ordinal);
    }

    private static string Dump(string config, string access, params string[] arguments)
    {
        using StringWriter output = new(CultureInfo.InvariantCulture);
        using AccessPolicy policy = AccessFileTests.Parse(access).Value!;
        ConfigDump.Write(output, ServerKeywordTests.Parse(config, arguments).Value!, policy, TimeZoneInfo.Utc);
        return output.ToString();
    }
}
