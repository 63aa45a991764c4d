using System.Net;
using System.Net.Sockets;
using System.Reflection;
using System.Text;
using Fwknop.Configuration.Server;
using Fwknop.Protocol;

namespace Fwknop.Configuration.Tests.Server;

/// <summary>The variables of server.md 3.2.</summary>
public class ServerKeywordTests
{
    [Theory]
    [InlineData("PCAP_INTF eth1", nameof(ServerConfig.CaptureInterfaces), "eth1")]
    [InlineData("PCAP_INTF eth1,ppp0  eth1,, wg0", nameof(ServerConfig.CaptureInterfaces), "eth1, ppp0, wg0")]
    [InlineData("PCAP_FILE /x.pcap", nameof(ServerConfig.PcapFile), "/x.pcap")]
    [InlineData("PCAP_FILE /x.pcap", nameof(ServerConfig.ChecksPacketAge), "False")]
    [InlineData("UDPSERV_BIND_ADDRESS 10.0.0.1", nameof(ServerConfig.UdpServerAddress), "10.0.0.1")]
    [InlineData("UDPSERV_BIND_ADDRESS 2001:db8:0::1", nameof(ServerConfig.UdpServerAddress), "2001:db8::1")]
    [InlineData("ENABLE_TCP_SERVER Y", nameof(ServerConfig.UsesTcpServer), "True")]
    [InlineData("TCPSERV_PORT 80", nameof(ServerConfig.TcpServerPort), "80")]
    [InlineData("TCPSERV_BIND_ADDRESS ::", nameof(ServerConfig.TcpServerAddress), "::")]
    [InlineData("ENABLE_NFQ_CAPTURE Y", nameof(ServerConfig.UsesQueue), "True")]
    [InlineData("TRUSTED_PROXIES 10.0.0.0/8, ::1", nameof(ServerConfig.TrustedProxies), "10.0.0.0/8, ::1")]
    [InlineData("PCAP_INTF any;", nameof(ServerConfig.CaptureInterfaces), "any")]
    [InlineData("PCAP_FILTER udp port 1 and host 10.0.0.1;", nameof(ServerConfig.PcapFilter), "udp port 1 and host 10.0.0.1")]
    [InlineData("ENABLE_PCAP_PROMISC Y", nameof(ServerConfig.IsPromiscuous), "True")]
    [InlineData("ENABLE_PCAP_PROMISC yes", nameof(ServerConfig.IsPromiscuous), "True")]
    [InlineData("ENABLE_PCAP_ANY_DIRECTION Y", nameof(ServerConfig.CapturesAnyDirection), "True")]
    [InlineData("EXIT_AT_INTF_DOWN N", nameof(ServerConfig.ExitsAtInterfaceDown), "False")]
    [InlineData("MAX_SNIFF_BYTES 32768", nameof(ServerConfig.SnapLength), "32768")]
    [InlineData("MAX_SNIFF_BYTES 1", nameof(ServerConfig.SnapLength), "1")]
    [InlineData("ENABLE_SPA_PACKET_AGING N", nameof(ServerConfig.ChecksPacketAge), "False")]
    [InlineData("MAX_SPA_PACKET_AGE 100000", nameof(ServerConfig.MaxPacketAge), "100000")]
    [InlineData("ENABLE_DIGEST_PERSISTENCE N", nameof(ServerConfig.DetectsReplays), "False")]
    [InlineData("ENABLE_SPA_OVER_HTTP Y", nameof(ServerConfig.AcceptsHttp), "True")]
    [InlineData("ALLOW_ANY_USER_AGENT Y", nameof(ServerConfig.AllowsAnyUserAgent), "True")]
    [InlineData("ENABLE_UDP_SERVER Y", nameof(ServerConfig.UsesUdpServer), "True")]
    [InlineData("UDPSERV_PORT 65535", nameof(ServerConfig.UdpServerPort), "65535")]
    [InlineData("ENABLE_DESTINATION_RULE Y", nameof(ServerConfig.UsesDestinationRule), "True")]
    [InlineData("ENABLE_RULE_PREPEND Y", nameof(ServerConfig.PrependsRules), "True")]
    [InlineData("FLUSH_FIREWD_AT_INIT N", "Firewalld.FlushesAtInit", "False")]
    [InlineData("FLUSH_FIREWD_AT_EXIT N", "Firewalld.FlushesAtExit", "False")]
    [InlineData("ENABLE_FIREWD_COMMENT_CHECK N", "Firewalld.ChecksComment", "False")]
    [InlineData("ENABLE_FIREWD_FORWARDING Y", "Firewalld.Forwards", "True")]
    [InlineData("ENABLE_FIREWD_LOCAL_NAT y", "Firewalld.ForwardsLocally", "True")]
    [InlineData("ENABLE_FIREWD_SNAT Yes", "Firewalld.TranslatesSource", "True")]
    [InlineData("ENABLE_FIREWD_OUTPUT Y", "Firewalld.HasOutput", "True")]
    [InlineData("FIREWD_INPUT_ACCESS ACCEPT, filter, INPUT, 2, IN, 1", "Firewalld.Input", "ACCEPT, filter, INPUT, 2, IN, 1")]
    [InlineData("FIREWD_ZONE my-zone_2", nameof(ServerConfig.FirewalldZone), "my-zone_2")]
    [InlineData("FIREWD_PRIORITY -32768", nameof(ServerConfig.FirewalldPriority), "-32768")]
    [InlineData("FLUSH_IPT_AT_INIT N", "Iptables.FlushesAtInit", "False")]
    [InlineData("FLUSH_IPT_AT_EXIT N", "Iptables.FlushesAtExit", "False")]
    [InlineData("ENABLE_IPT_COMMENT_CHECK N", "Iptables.ChecksComment", "False")]
    [InlineData("ENABLE_IPT_FORWARDING Y", "Nat.Forwards", "True")]
    [InlineData("ENABLE_IPT_LOCAL_NAT y", "Nat.ForwardsLocally", "True")]
    [InlineData("ENABLE_IPT_SNAT Yes", "Nat.TranslatesSource", "True")]
    [InlineData("ENABLE_NAT_DNS N", "Nat.ResolvesNames", "False")]
    [InlineData("ENABLE_IPT_OUTPUT Y", "Iptables.HasOutput", "True")]
    [InlineData("IPT_OUTPUT_ACCESS ACCEPT, filter, OUTPUT, 1, OUT, 1", "Iptables.Output", "ACCEPT, filter, OUTPUT, 1, OUT, 1")]
    [InlineData("IPT_FORWARD_ACCESS ACCEPT, filter, FORWARD, 2, FWD, 1", "Iptables.Forward", "ACCEPT, filter, FORWARD, 2, FWD, 1")]
    [InlineData("IPT_FORWARD_ACCESS ACCEPT, filter, A-345678901234567890123456-8, 1, B2345678901234567890123456_8, 1", "Iptables.Forward", "ACCEPT, filter, A-345678901234567890123456-8, 1, B2345678901234567890123456_8, 1")]
    [InlineData("IPT_DNAT_ACCESS DNAT,nat,PREROUTING,1,PRE,1", "Iptables.Dnat", "DNAT, nat, PREROUTING, 1, PRE, 1")]
    [InlineData("IPT_SNAT_ACCESS SNAT, nat, POSTROUTING, 1, POST, 1", "Iptables.Snat", "SNAT, nat, POSTROUTING, 1, POST, 1")]
    [InlineData("IPT_MASQUERADE_ACCESS MASQUERADE, nat, POSTROUTING, 1, MASQ, 1", "Iptables.Masquerade", "MASQUERADE, nat, POSTROUTING, 1, MASQ, 1")]
    [InlineData("FWKNOP_RUN_DIR /run/x", nameof(ServerConfig.RunDirectory), "/run/x")]
    [InlineData("FWKNOP_RUN_DIR /run/x", nameof(ServerConfig.PidFile), "/run/x/fwknopd.pid")]
    [InlineData("FWKNOP_RUN_DIR /run/x", nameof(ServerConfig.DigestFile), "/var/lib/x/digest.cache")]
    [InlineData("FWKNOP_RUN_DIR /run/x", nameof(ServerConfig.ClassicDigestFile), "/run/x/digest.cache")]
    [InlineData("FWKNOP_RUN_DIR /var/run/x/y/", nameof(ServerConfig.DigestFile), "/var/lib/x/y/digest.cache")]
    [InlineData("FWKNOP_RUN_DIR /srv/x", nameof(ServerConfig.DigestFile), "/srv/x/digest.cache")]
    [InlineData("FWKNOP_RUN_DIR /run", nameof(ServerConfig.DigestFile), "/run/digest.cache")]
    [InlineData("LOCALE de_DE.UTF-8", nameof(ServerConfig.Locale), "de_DE.UTF-8")]
    [InlineData("SYSLOG_IDENTITY spa", nameof(ServerConfig.SyslogIdentity), "spa")]
    [InlineData("SYSLOG_FACILITY LOG_LOCAL0", nameof(ServerConfig.SyslogFacility), "16")]
    [InlineData("SYSLOG_FACILITY log_local7", nameof(ServerConfig.SyslogFacility), "23")]
    [InlineData("SYSLOG_SOCKET /l", nameof(ServerConfig.SyslogSocket), "/l")]
    [InlineData("FWKNOP_PID_FILE /run/p", nameof(ServerConfig.PidFile), "/run/p")]
    [InlineData("DIGEST_FILE /run/d", nameof(ServerConfig.DigestFile), "/run/d")]
    [InlineData("ACCESS_FILE /a", nameof(ServerConfig.AccessFile), "/a")]
    [InlineData("FIREWALL_EXE /sbin/iptables", nameof(ServerConfig.FirewallExe), "/sbin/iptables")]
    [InlineData("VERBOSE 3", nameof(ServerConfig.Verbosity), "3")]
    [InlineData("FIREWALL_TYPE nftables", nameof(ServerConfig.FirewallType), "Nftables")]
    [InlineData("FIREWALL_TYPE IPTables", nameof(ServerConfig.FirewallType), "Iptables")]
    [InlineData("FIREWALL_TYPE none", nameof(ServerConfig.FirewallType), "None")]
    [InlineData("FIREWALL_TYPE ipset", nameof(ServerConfig.FirewallType), "Ipset")]
    [InlineData("FIREWALL_TYPE firewalld", nameof(ServerConfig.FirewallType), "Firewalld")]
    [InlineData("FIREWALL_TYPE ipfw", nameof(ServerConfig.FirewallType), "Ipfw")]
    [InlineData("FIREWALL_TYPE pf", nameof(ServerConfig.FirewallType), "Pf")]
    [InlineData("FIREWALL_EXE /usr/bin/firewall-cmd", nameof(ServerConfig.UsedFirewall), "Firewalld")]
    [InlineData("FIREWALL_EXE /sbin/ipfw", nameof(ServerConfig.UsedFirewall), "Ipfw")]
    [InlineData("FIREWALL_EXE /sbin/pfctl", nameof(ServerConfig.UsedFirewall), "Pf")]
    [InlineData("FIREWALL_TYPE firewalld", nameof(ServerConfig.FirewallExe), "/usr/bin/firewall-cmd")]
    [InlineData("FIREWALL_TYPE pf", nameof(ServerConfig.FirewallExe), "/sbin/pfctl")]
    [InlineData("FLUSH_IPFW_AT_INIT N", "Ipfw.FlushesAtInit", "False")]
    [InlineData("FLUSH_IPFW_AT_EXIT No", "Ipfw.FlushesAtExit", "False")]
    [InlineData("IPFW_START_RULE_NUM 500", "Ipfw.StartRule", "500")]
    [InlineData("IPFW_MAX_RULES 20", "Ipfw.MaxRules", "20")]
    [InlineData("IPFW_ACTIVE_SET_NUM 5", "Ipfw.ActiveSet", "5")]
    [InlineData("IPFW_EXPIRE_SET_NUM 0", "Ipfw.ExpireSet", "0")]
    [InlineData("IPFW_EXPIRE_PURGE_INTERVAL 90", "Ipfw.PurgeInterval", "00:01:30")]
    [InlineData("IPFW_ADD_CHECK_STATE Y", "Ipfw.AddsCheckState", "True")]
    [InlineData("PF_ANCHOR_NAME my-fwknop.2", nameof(ServerConfig.PfAnchor), "my-fwknop.2")]
    [InlineData("ACCESS_FOLDER /etc/fwknop/people/", nameof(ServerConfig.AccessFolder), "/etc/fwknop/people")]
    [InlineData("ACCESS_FOLDER /", nameof(ServerConfig.AccessFolder), "/")]
    [InlineData("GUARD_PORTS tcp/22, UDP/1194", nameof(ServerConfig.GuardPorts), "tcp/22, UDP/1194")]
    [InlineData("FLUSH_NFT_AT_INIT N", nameof(ServerConfig.FlushesNftablesAtInit), "False")]
    [InlineData("FLUSH_NFT_AT_EXIT N", nameof(ServerConfig.FlushesNftablesAtExit), "False")]
    [InlineData("PRIVILEGE_SEPARATION N", nameof(ServerConfig.SeparatesPrivileges), "False")]
    [InlineData("LOG_TEXTS 2.6.10", nameof(ServerConfig.UsesOldLogTexts), "True")]
    [InlineData("LOG_FORMAT json", nameof(ServerConfig.UsesJsonLog), "True")]
    [InlineData("CMD_EXEC_TIMEOUT 10", nameof(ServerConfig.CommandTimeout), "10")]
    [InlineData("GPG_HOME_DIR /x", nameof(ServerConfig.GpgHomeDirectory), "/x")]
    [InlineData("GPG_EXE /x", nameof(ServerConfig.GpgExe), "/x")]
    [InlineData("SUDO_EXE /x", nameof(ServerConfig.SudoExe), "/x")]
    [InlineData("LISTENER_USER joe", nameof(ServerConfig.ListenerUser), "joe")]
    [InlineData("LISTENER_EXE /x/y", nameof(ServerConfig.ListenerExe), "/x/y")]
    public void Sets(string line, string property, string expected)
    {
        Loaded<ServerConfig> loaded = Parse(line);

        Assert.Empty(loaded.Diagnostics);
        Assert.Equal(expected, ValueOf(loaded.Value!, property));
        Assert.NotEqual(expected, ValueOf(Parse("").Value!, property));
    }

    [Fact]
    public void The_record_is_where_a_reboot_does_not_erase_it()
    {
        ServerConfig config = Parse("").Value!;
        Assert.Equal(("/var/lib/fwknop/digest.cache", "/run/fwknop/digest.cache"), (config.DigestFile, config.ClassicDigestFile));

        ServerConfig chosen = Parse("DIGEST_FILE /d").Value!;
        Assert.Equal(("/d", null), (chosen.DigestFile, chosen.ClassicDigestFile));
        Assert.Null(Parse("FWKNOP_RUN_DIR /srv/x").Value!.ClassicDigestFile);
        Assert.Null(Parse("LOCALE NONE").Value!.Locale);
    }

    [Fact]
    public void Sources_are_translated_to_one_address_of_each_family()
    {
        ServerConfig config = Parse("SNAT_TRANSLATE_IP 192.0.2.1, 2001:db8::1").Value!;

        Assert.Equal(IPAddress.Parse("192.0.2.1"), config.Nat.SourceAddress(AddressFamily.InterNetwork));
        Assert.Equal(IPAddress.Parse("2001:db8::1"), config.Nat.SourceAddress(AddressFamily.InterNetworkV6));
        Assert.Null(Parse("SNAT_TRANSLATE_IP 192.0.2.1").Value!.Nat.SourceAddress(AddressFamily.InterNetworkV6));
        Assert.Null(Parse("").Value!.Nat.SourceAddress(AddressFamily.InterNetwork));
    }

    [Theory]
    [InlineData("MAX_SNIFF_BYTES 0", "[*] var MAX_SNIFF_BYTES value '0' not in the range 1-32768")]
    [InlineData("MAX_SNIFF_BYTES 32769", "[*] var MAX_SNIFF_BYTES value '32769' not in the range 1-32768")]
    [InlineData("MAX_SNIFF_BYTES 20abc", "[*] var MAX_SNIFF_BYTES value '20abc' not in the range 1-32768")]
    [InlineData("MAX_SNIFF_BYTES abc", "[*] var MAX_SNIFF_BYTES value 'abc' not in the range 1-32768")]
    [InlineData("MAX_SPA_PACKET_AGE 0", "[*] var MAX_SPA_PACKET_AGE value '0' not in the range 1-100000")]
    [InlineData("MAX_SPA_PACKET_AGE -5", "[*] var MAX_SPA_PACKET_AGE value '-5' not in the range 1-100000")]
    [InlineData("UDPSERV_PORT 0", "[*] var UDPSERV_PORT value '0' not in the range 1-65535")]
    [InlineData("UDPSERV_PORT 131071", "[*] var UDPSERV_PORT value '131071' not in the range 1-65535")]
    [InlineData("TCPSERV_PORT 65536", "[*] var TCPSERV_PORT value '65536' not in the range 1-65535")]
    [InlineData("PCAP_INTF ,", "[*] PCAP_INTF names no interface")]
    [InlineData("PCAP_INTF eth0, any", "[*] PCAP_INTF: 'any' stands for all interfaces and cannot be combined with others")]
    [InlineData("PCAP_INTF eth0, sixteen-letters-", "[*] PCAP_INTF: 'sixteen-letters-' is longer than the name of an interface can be")]
    [InlineData("UDPSERV_BIND_ADDRESS 10.1", "[*] Invalid UDPSERV_BIND_ADDRESS '10.1', need an IPv4 or IPv6 address")]
    [InlineData("UDPSERV_BIND_ADDRESS fe80::1%eth0", "[*] Invalid UDPSERV_BIND_ADDRESS 'fe80::1%eth0', need an IPv4 or IPv6 address")]
    [InlineData("TCPSERV_BIND_ADDRESS [::1]:80", "[*] Invalid TCPSERV_BIND_ADDRESS '[::1]:80', need an IPv4 or IPv6 address")]
    [InlineData("TCPSERV_BIND_ADDRESS here", "[*] Invalid TCPSERV_BIND_ADDRESS 'here', need an IPv4 or IPv6 address")]
    [InlineData("NFQ_CHAIN -j", "[*] Invalid NFQ_CHAIN '-j', need a name of letters, digits, '_', '-' and '.'")]
    [InlineData("NFQ_TABLE a b", "[*] Invalid NFQ_TABLE 'a b', need a name of letters, digits, '_', '-' and '.'")]
    [InlineData("NFQ_INTERFACE eth0!", "[*] Invalid NFQ_INTERFACE 'eth0!', need a name of letters, digits, '_', '-' and '.'")]
    [InlineData("TRUSTED_PROXIES proxy.example", "[*] Fatal error parsing IP to int for: proxy.example")]
    [InlineData("PCAP_DISPATCH_COUNT 0", "[*] var PCAP_DISPATCH_COUNT value '0' not in the range 1-8388608")]
    [InlineData("PCAP_LOOP_SLEEP 8388609", "[*] var PCAP_LOOP_SLEEP value '8388609' not in the range 1-8388608")]
    [InlineData("UDPSERV_SELECT_TIMEOUT 0", "[*] var UDPSERV_SELECT_TIMEOUT value '0' not in the range 1-8388608")]
    [InlineData("RULES_CHECK_THRESHOLD 131072", "[*] var RULES_CHECK_THRESHOLD value '131072' not in the range 0-131071")]
    [InlineData("CMD_EXEC_TIMEOUT x", "[*] var CMD_EXEC_TIMEOUT value 'x' not in the range 0-2147483647")]
    [InlineData("GPG_EXE gpg", "[*] GPG_EXE 'gpg' is not an absolute path")]
    [InlineData("SUDO_EXE sudo", "[*] SUDO_EXE 'sudo' is not an absolute path")]
    [InlineData("NFQ_PORT 0", "[*] var NFQ_PORT value '0' not in the range 1-65535")]
    [InlineData("NFQ_QUEUE_NUMBER -1", "[*] var NFQ_QUEUE_NUMBER value '-1' not in the range 0-65535")]
    [InlineData("NFQ_LOOP_SLEEP 0", "[*] var NFQ_LOOP_SLEEP value '0' not in the range 1-8388608")]
    [InlineData("IPFW_START_RULE_NUM 131072", "[*] var IPFW_START_RULE_NUM value '131072' not in the range 0-131071")]
    [InlineData("IPFW_ACTIVE_SET_NUM 64", "[*] var IPFW_ACTIVE_SET_NUM value '64' not in the range 0-63")]
    [InlineData("PF_EXPIRE_INTERVAL 0", "[*] var PF_EXPIRE_INTERVAL value '0' not in the range 1-131071")]
    [InlineData("IPFW_MAX_RULES 0", "[*] var IPFW_MAX_RULES value '0' not in the range 1-131071")]
    [InlineData("IPFW_EXPIRE_SET_NUM -1", "[*] var IPFW_EXPIRE_SET_NUM value '-1' not in the range 0-63")]
    [InlineData("IPFW_EXPIRE_PURGE_INTERVAL 0", "[*] var IPFW_EXPIRE_PURGE_INTERVAL value '0' not in the range 1-131071")]
    [InlineData("PF_ANCHOR_NAME _fwknop", "[*] Invalid PF_ANCHOR_NAME '_fwknop', need a name of letters, digits, '_', '-' and '.'")]
    [InlineData("PF_ANCHOR_NAME -F", "[*] Invalid PF_ANCHOR_NAME '-F', need a name of letters, digits, '_', '-' and '.'")]
    [InlineData("PF_ANCHOR_NAME a/b", "[*] Invalid PF_ANCHOR_NAME 'a/b', need a name of letters, digits, '_', '-' and '.'")]
    [InlineData("PF_ANCHOR_NAME a b", "[*] Invalid PF_ANCHOR_NAME 'a b', need a name of letters, digits, '_', '-' and '.'")]
    [InlineData("VERBOSE -1", "[*] VERBOSE value '-1' not in the range (>0)")]
    [InlineData("VERBOSE lots", "[*] VERBOSE value 'lots' not in the range (>0)")]
    [InlineData("FWKNOP_RUN_DIR run", "Path 'run' is not absolute.")]
    [InlineData("FIREWALL_TYPE netsh", "[*] Invalid FIREWALL_TYPE 'netsh', use {auto,nftables,iptables,ipset,firewalld,ipfw,pf,none}")]
    [InlineData("FIREWD_ZONE --permanent", "[*] Invalid FIREWD_ZONE '--permanent', need a name of letters, digits, '_', '-' and '.'")]
    [InlineData("FIREWD_ZONE a b", "[*] Invalid FIREWD_ZONE 'a b', need a name of letters, digits, '_', '-' and '.'")]
    [InlineData("FIREWD_ZONE a234567890123456789012345678x", "[*] Invalid FIREWD_ZONE 'a234567890123456789012345678x', need a name of letters, digits, '_', '-' and '.'")]
    [InlineData("FIREWD_PRIORITY -32769", "[*] var FIREWD_PRIORITY value '-32769' not in the range -32768 to -10000")]
    [InlineData("FIREWD_PRIORITY -9999", "[*] var FIREWD_PRIORITY value '-9999' not in the range -32768 to -10000")]
    [InlineData("LOG_FORMAT xml", "[*] Invalid LOG_FORMAT 'xml', use text or json")]
    [InlineData("NFT_INSERT inet filter", "[*] Invalid NFT_INSERT item 'inet filter', need <inet|ip|ip6> <table> <chain>")]
    [InlineData("NFT_INSERT arp filter input", "[*] Invalid NFT_INSERT item 'arp filter input', need <inet|ip|ip6> <table> <chain>")]
    [InlineData("NFT_INSERT inet filter in{put", "[*] Invalid NFT_INSERT item 'inet filter in{put', need <inet|ip|ip6> <table> <chain>")]
    [InlineData("NFT_INSERT inet filter 1x", "[*] Invalid NFT_INSERT item 'inet filter 1x', need <inet|ip|ip6> <table> <chain>")]
    [InlineData("NFT_INSERT inet filter input,", "[*] Invalid NFT_INSERT item '', need <inet|ip|ip6> <table> <chain>")]
    [InlineData("IPT_INPUT_ACCESS ACCEPT, filter", "Invalid IPT_INPUT_ACCESS specification, see fwknopd.conf comments")]
    [InlineData("IPT_INPUT_ACCESS ACCEPT, fil.ter, INPUT, 1, X, 1", "Invalid IPT_INPUT_ACCESS specification, see fwknopd.conf comments")]
    [InlineData("IPT_INPUT_ACCESS ACCEPT, filter, -F, 1, X, 1", "Invalid IPT_INPUT_ACCESS specification, see fwknopd.conf comments")]
    [InlineData("IPT_INPUT_ACCESS ACCEPT, filter, INPUT, 1, MY-CHAIN, 1", "Invalid IPT_INPUT_ACCESS specification, see fwknopd.conf comments")]
    [InlineData("IPT_INPUT_ACCESS ACCEPT, filter, INPUT, 1, A23456789012345678901234567890, 1", "Invalid IPT_INPUT_ACCESS specification, see fwknopd.conf comments")]
    [InlineData("IPT_INPUT_ACCESS ACCEPT, filter, A2345678901234567890123456789, 1, X, 1", "Invalid IPT_INPUT_ACCESS specification, see fwknopd.conf comments")]
    [InlineData("IPT_INPUT_ACCESS ACCEPT, filter, INPUT, -1, X, 1", "Invalid IPT_INPUT_ACCESS specification, see fwknopd.conf comments")]
    [InlineData("IPT_INPUT_ACCESS ACCEPT, , INPUT, 1, X, 1", "Invalid IPT_INPUT_ACCESS specification, see fwknopd.conf comments")]
    [InlineData("IPT_OUTPUT_ACCESS x", "Invalid IPT_OUTPUT_ACCESS specification, see fwknopd.conf comments")]
    [InlineData("IPT_FORWARD_ACCESS x", "Invalid IPT_FORWARD_ACCESS specification, see fwknopd.conf comments")]
    [InlineData("IPT_DNAT_ACCESS x", "Invalid IPT_DNAT_ACCESS specification, see fwknopd.conf comments")]
    [InlineData("IPT_SNAT_ACCESS x", "Invalid IPT_SNAT_ACCESS specification, see fwknopd.conf comments")]
    [InlineData("IPT_MASQUERADE_ACCESS x", "Invalid IPT_MASQUERADE_ACCESS specification, see fwknopd.conf comments")]
    [InlineData("SNAT_TRANSLATE_IP 127.0.0.1", "Invalid IPv4 addr for SNAT_TRANSLATE_IP: '127.0.0.1', need an address, or one of IPv4 and one of IPv6: 192.0.2.1, 2001:db8::1")]
    [InlineData("SNAT_TRANSLATE_IP 1.2.3", "Invalid IPv4 addr for SNAT_TRANSLATE_IP: '1.2.3', need an address, or one of IPv4 and one of IPv6: 192.0.2.1, 2001:db8::1")]
    [InlineData("SNAT_TRANSLATE_IP 1.2.3.4, 1.2.3.5", "Invalid IPv4 addr for SNAT_TRANSLATE_IP: '1.2.3.4, 1.2.3.5', need an address, or one of IPv4 and one of IPv6: 192.0.2.1, 2001:db8::1")]
    [InlineData("IPT_INPUT_ACCESS A, f, I, 65537, X, 1", "[*] invalid jump rule position in Line: A, f, I, 65537, X, 1")]
    [InlineData("IPT_INPUT_ACCESS A, f, I, 1x, X, 1", "[*] invalid jump rule position in Line: A, f, I, 1x, X, 1")]
    [InlineData("IPT_INPUT_ACCESS A, f, I, 1, X, 99999", "[*] invalid to_chain rule position in Line: A, f, I, 1, X, 99999")]
    public void RefusesWithText(string line, string expected)
    {
        Loaded<ServerConfig> loaded = Parse("# a comment\n" + line);

        ConfigDiagnostic error = Assert.Single(loaded.Diagnostics);
        Assert.Equal(new ConfigDiagnostic("f.conf", 2, ConfigSeverity.Error, expected), error);
        Assert.True(loaded.HasErrors);
    }

    [Theory]
    [InlineData("IPFW_ACTIVE_SET_NUM 2", "[*] Cannot set identical ipfw active and expire sets.")]
    [InlineData("IPFW_EXPIRE_SET_NUM 1", "[*] Cannot set identical ipfw active and expire sets.")]
    [InlineData("IPFW_ACTIVE_SET_NUM 0", "[*] IPFW_ACTIVE_SET_NUM must be 1 to 30: set 0 has all rules that name none, and would be flushed with them")]
    [InlineData("IPFW_ACTIVE_SET_NUM 31", "[*] IPFW_ACTIVE_SET_NUM must be 1 to 30: set 0 has all rules that name none, and would be flushed with them")]
    [InlineData("IPFW_EXPIRE_SET_NUM 31", "[*] IPFW_EXPIRE_SET_NUM must be 0 to 30: other sets cannot be disabled")]
    [InlineData("IPFW_START_RULE_NUM 0", "[*] IPFW_START_RULE_NUM must be 1 to 65534, as ipfw numbers rules")]
    [InlineData("IPFW_START_RULE_NUM 65535", "[*] IPFW_START_RULE_NUM must be 1 to 65534, as ipfw numbers rules")]
    public void RefusesWhatIpfwDoesNotHave(string line, string expected)
    {
        ConfigDiagnostic error = Assert.Single(Parse($"FIREWALL_TYPE ipfw\n{line}").Diagnostics);
        Assert.Equal(new ConfigDiagnostic("f.conf", 2, ConfigSeverity.Error, expected), error);
        Assert.Empty(Parse(line).Diagnostics);
    }

    [Theory]
    [InlineData("FIREWALL_TYPE ipfw\nENABLE_IPT_FORWARDING Y\nENABLE_IPT_LOCAL_NAT Y")]
    [InlineData("FIREWALL_EXE /sbin/pfctl\nENABLE_FIREWD_FORWARDING Y")]
    public void NothingIsForwardedWithIpfwAndPf(string text)
    {
        NatSettings nat = Parse(text).Value!.Nat;
        Assert.False(nat.IsOn);
        Assert.False(nat.IsSupported);
        Assert.True(Parse("").Value!.Nat.IsSupported);
    }

    [Theory]
    [InlineData("FAULT_INJECTION_TAG", "x")]
    public void RefusesWhatIsNotSupportedYet(string name, string value)
    {
        ConfigDiagnostic error = Assert.Single(Parse($"{name} {value}").Diagnostics);

        Assert.Equal((ConfigSeverity.Error, $"[*] {name} {value} is not supported yet", 1), (error.Severity, error.Text, error.Line));
    }

    [Theory]
    [InlineData("CONFIG_FILE x")]
    [InlineData("OVERRIDE_CONFIG x")]
    [InlineData("PCAP_DISPATCH_COUNT 1")]
    [InlineData("PCAP_LOOP_SLEEP 1")]
    [InlineData("RULES_CHECK_THRESHOLD 0")]
    [InlineData("UDPSERV_SELECT_TIMEOUT 8388608")]
    [InlineData("FWKNOP_CONF_DIR /x")]
    [InlineData("NFQ_LOOP_SLEEP 5")]
    [InlineData("PF_EXPIRE_INTERVAL 5")]
    public void SaysWhatHasNoEffect(string line)
    {
        Loaded<ServerConfig> loaded = Parse(line);

        ConfigDiagnostic notice = Assert.Single(loaded.Diagnostics);
        Assert.Equal(ConfigSeverity.Info, notice.Severity);
        Assert.StartsWith(line.Split(' ')[0] + " has no effect: ", notice.Text, StringComparison.Ordinal);
        Assert.False(loaded.HasErrors);
    }

    [Theory]
    [InlineData("ENABLE_PCAP_PROMISC true", "ENABLE_PCAP_PROMISC value 'true' is neither Y nor N; taken as N")]
    [InlineData("ENABLE_UDP_SERVER 1", "ENABLE_UDP_SERVER value '1' is neither Y nor N; taken as N")]
    [InlineData("FLUSH_IPT_AT_EXIT 0", "FLUSH_IPT_AT_EXIT value '0' is neither Y nor N; taken as Y")]
    [InlineData("ENABLE_X_FORWARDED_FOR Y", "ENABLE_X_FORWARDED_FOR has no effect without TRUSTED_PROXIES: the header is ignored, for any client could write it")]
    [InlineData("PRIVILEGE_SEPARATION off", "PRIVILEGE_SEPARATION value 'off' is neither Y nor N; taken as Y")]
    public void WarnsOfFlagsThatAreNeither(string line, string expected)
    {
        Loaded<ServerConfig> loaded = Parse(line);

        Assert.Equal([(ConfigSeverity.Warning, "[*] " + expected)], loaded.Diagnostics.Select(item => (item.Severity, item.Text)));
    }

    [Fact]
    public void EveryDefaultInTheTableIsTheDefaultOfTheRecord()
    {
        foreach (ServerKeyword keyword in ServerKeywords.All.Where(keyword => keyword.Default is not null))
        {
            Loaded<ServerConfig> loaded = Parse($"{keyword.Name} {keyword.Default}");

            Assert.True(loaded.Value is not null, keyword.Name);
            ServerConfig expected = Parse("").Value! with { Settings = loaded.Value.Settings };
            Assert.Equal(expected, loaded.Value);
        }
    }

    [Fact]
    public void EveryVariableHasATestRow()
    {
        HashSet<string> tested =
        [
            .. from method in typeof(ServerKeywordTests).GetMethods()
               from row in method.GetCustomAttributes<InlineDataAttribute>()
               select ((string)row.GetData(method).Single()[0]!).Split(' ')[0],
        ];
        string[] alike = ["NFQ_INTERFACE", "NFQ_TABLE", "FIREWD_OUTPUT_ACCESS", "FIREWD_FORWARD_ACCESS", "FIREWD_DNAT_ACCESS", "FIREWD_SNAT_ACCESS", "FIREWD_MASQUERADE_ACCESS"];

        Assert.Empty(ServerKeywords.All.Select(keyword => keyword.Name).Except(tested).Except(alike));
    }

    [Fact]
    public void The_header_is_believed_of_proxies_that_are_named()
    {
        Loaded<ServerConfig> loaded = Parse("ENABLE_X_FORWARDED_FOR Y\nTRUSTED_PROXIES 10.0.0.1");

        Assert.Empty(loaded.Diagnostics);
        Assert.True(loaded.Value!.ReadsForwardedFor);
    }

    [Fact]
    public void The_age_of_packets_of_a_file_is_checked_only_when_asked_for()
    {
        Assert.False(Parse("PCAP_FILE /x").Value!.ChecksPacketAge);
        Assert.Contains(KeyValuePair.Create("ENABLE_SPA_PACKET_AGING", (string?)"N"), Parse("PCAP_FILE /x").Value!.Settings);
        Assert.True(Parse("PCAP_FILE /x\nENABLE_SPA_PACKET_AGING Y").Value!.ChecksPacketAge);
    }

    [Fact]
    public void ReadsWhatGoesIntoTheQueue()
    {
        const string Lines = "NFQ_INTERFACE eth1\nNFQ_PORT 5\nNFQ_TABLE raw\nNFQ_CHAIN X.y-z\nNFQ_QUEUE_NUMBER 0";

        Assert.Equal(new QueueSettings { Interface = "eth1", Port = 5, Table = "raw", Chain = "X.y-z", Queue = 0 }, Parse(Lines).Value!.Queue);
    }

    [Theory]
    [InlineData("ENABLE_UDP_SERVER Y", "ENABLE_UDP_SERVER")]
    [InlineData("PCAP_FILE /x", "PCAP_FILE")]
    public void The_queue_and_another_way_of_capture_exclude_each_other(string line, string other)
    {
        ConfigDiagnostic error = Assert.Single(Parse($"{line}\nENABLE_NFQ_CAPTURE Y").Diagnostics);

        Assert.Equal((2, $"[*] ENABLE_NFQ_CAPTURE and {other} exclude each other"), (error.Line, error.Text));
    }

    [Fact]
    public void A_file_and_the_UDP_server_exclude_each_other()
    {
        ConfigDiagnostic error = Assert.Single(Parse("PCAP_FILE /x", "-U").Diagnostics);

        Assert.Equal((1, "[*] PCAP_FILE and ENABLE_UDP_SERVER exclude each other"), (error.Line, error.Text));
    }

    [Fact]
    public void ReadsChainSpecification()
    {
        ServerConfig config = Parse(
            "IPT_INPUT_ACCESS ACCEPT,filter, INPUT ,3, MY_CHAIN, 0;\nIPT_FORWARD_ACCESS ACCEPT, filter, DOCKER-USER, 1, MY_CHAIN, 1\n"
            + "FIREWD_INPUT_ACCESS ACCEPT, filter, INPUT, 4, OTHER, 1").Value!;

        Assert.Equal(new ChainSpec("ACCEPT", "filter", "INPUT", 3, "MY_CHAIN", 0), config.Iptables.Input);
        Assert.Equal(new ChainSpec("ACCEPT", "filter", "DOCKER-USER", 1, "MY_CHAIN", 1), config.Iptables.Forward);
        Assert.Equal(new ChainSpec("ACCEPT", "filter", "INPUT", 4, "OTHER", 1), config.Firewalld.Input);
    }

    [Theory]
    [InlineData("", false)]
    [InlineData("FIREWALL_TYPE firewalld\n", true)]
    [InlineData("FIREWALL_EXE /usr/bin/firewall-cmd\n", true)]
    public void Forwarding_is_that_of_the_firewall_that_is_used(string choice, bool isFirewalld)
    {
        ServerConfig config = Parse(choice + "ENABLE_FIREWD_FORWARDING Y\nENABLE_IPT_LOCAL_NAT Y\n").Value!;

        Assert.Equal((isFirewalld, !isFirewalld), (config.Nat.Forwards, config.Nat.ForwardsLocally));
    }

    [Fact]
    public void ReadsChainsToInsertInto()
    {
        ServerConfig config = Parse("NFT_INSERT inet filter input, ip6 my-table in.put, inet filter input").Value!;

        Assert.Equal(["inet filter input", "ip6 my-table in.put"], config.NftInsert.Select(hook => hook.ToString()));
    }

    [Fact]
    public void ReadsGuardPortsOnceEach()
    {
        ServerConfig config = Parse("GUARD_PORTS tcp/22, UDP/1194,tcp/22").Value!;

        Assert.Equal([PortSpec.Tcp(22), PortSpec.Udp(1194)], config.GuardPorts!.Items);
    }

    [Fact]
    public void Guarded_ports_may_be_ranges()
    {
        ServerConfig config = Parse("GUARD_PORTS tcp/22, tcp/20-30, udp/*").Value!;

        Assert.Equal(["tcp/22", "tcp/20-21", "tcp/23-30", "udp/*"], config.GuardPorts!.Without(null).Select(range => $"{range}"));
    }

    [Fact]
    public void Guard_and_insert_exclude_each_other()
    {
        Loaded<ServerConfig> loaded = Parse("GUARD_PORTS tcp/22\nNFT_INSERT inet filter input");

        Assert.True(loaded.HasErrors);
        Assert.Contains(loaded.Diagnostics, item => item.Line == 2 && item.Text.Contains("exclude each other", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("GUARD_PORTS tcp/22")]
    [InlineData("NFT_INSERT inet filter input")]
    public void RefusesNftablesSettingsForAnotherFirewall(string line)
    {
        ConfigDiagnostic error = Assert.Single(Parse("FIREWALL_TYPE iptables\n" + line).Diagnostics);

        Assert.Equal((2, $"[*] {line.Split(' ')[0]} needs FIREWALL_TYPE nftables"), (error.Line, error.Text));
    }

    [Fact]
    public void RefusesBadGuardPortsItemByItem()
    {
        Loaded<ServerConfig> loaded = Parse("GUARD_PORTS tcp/22, sctp/1, tcp/0");

        Assert.Equal(
            [
                "[*] Invalid protocol in access port entry: sctp/1",
                "[*] Invalid port 'tcp/0' in access request, must be in [1,65535]",
                "[*] Invalid GUARD_PORTS, need a list such as tcp/22, udp/1194",
            ],
            loaded.Diagnostics.Select(item => item.Text));
    }

    internal static Loaded<ServerConfig> Parse(string text, params string[] arguments) =>
        ServerConfigFile.Parse(Encoding.UTF8.GetBytes(text), ServerCommandLine.Parse("fwknopd", ["-c", "f.conf", .. arguments]));

    private static string? ValueOf(ServerConfig config, string property) =>
        property.Split('.').Aggregate((object?)config, (owner, name) => owner!.GetType().GetProperty(name)!.GetValue(owner))?.ToString();
}
