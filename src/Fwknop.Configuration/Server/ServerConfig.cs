using System.Net;
using Fwknop.Configuration.Access;

namespace Fwknop.Configuration.Server;

/// <summary>
/// The daemon's configuration: fwknopd.conf, override files and command line together, checked (server.md 3.2). Names of
/// variables are in the comments.
/// </summary>
public sealed record ServerConfig
{
    /// <summary>FIREWALL_EXE when it is not set.</summary>
    public const string DefaultFirewallExe = "/usr/sbin/iptables";

    /// <summary>PF_ANCHOR_NAME when it is not set.</summary>
    public const string DefaultPfAnchor = "fwknop";

    /// <summary>FWKNOP_RUN_DIR when it is not set.</summary>
    public const string DefaultRunDirectory = "/run/fwknop";

    /// <summary>ACCESS_FILE when it is not set.</summary>
    public const string DefaultAccessFile = "/etc/fwknop/access.conf";

    /// <summary>GPG_HOME_DIR when it is not set.</summary>
    public const string DefaultGpgHomeDirectory = "/root/.gnupg";

    /// <summary>GPG_EXE when it is not set.</summary>
    public const string DefaultGpgExe = "/usr/bin/gpg";

    /// <summary>CMD_EXEC_TIMEOUT when it is not set or 0 (our choice: the reference waits for ever).</summary>
    public const int DefaultCommandTimeout = 30;

    /// <summary>SUDO_EXE when it is not set.</summary>
    public const string DefaultSudoExe = "/usr/bin/sudo";

    /// <summary>SYSLOG_IDENTITY when it is not set.</summary>
    public const string DefaultSyslogIdentity = "fwknopd";

    /// <summary>SYSLOG_SOCKET when it is not set.</summary>
    public const string DefaultSyslogSocket = "/dev/log";

    /// <summary>PCAP_INTF.</summary>
    public InterfaceList CaptureInterfaces { get; init; } = InterfaceList.Default;

    /// <summary>PCAP_FILE, --pcap-file: a file in place of capture.</summary>
    public string? PcapFile { get; init; }

    /// <summary>PCAP_FILTER; empty = no filter.</summary>
    public string PcapFilter { get; init; } = "udp port 62201";

    /// <summary>ENABLE_PCAP_PROMISC.</summary>
    public bool IsPromiscuous { get; init; }

    /// <summary>ENABLE_PCAP_ANY_DIRECTION, --pcap-any-direction: outgoing packets too.</summary>
    public bool CapturesAnyDirection { get; init; }

    /// <summary>EXIT_AT_INTF_DOWN.</summary>
    public bool ExitsAtInterfaceDown { get; init; } = true;

    /// <summary>MAX_SNIFF_BYTES: 1 to 32768.</summary>
    public int SnapLength { get; init; } = 1500;

    /// <summary>ENABLE_UDP_SERVER, -U: a socket in place of capture.</summary>
    public bool UsesUdpServer { get; init; }

    /// <summary>ENABLE_NFQ_CAPTURE, -n: a queue that firewall rules fill, in place of capture.</summary>
    public bool UsesQueue { get; init; }

    /// <summary>NFQ_*: the queue and the rules.</summary>
    public QueueSettings Queue { get; init; } = new();

    /// <summary>UDPSERV_PORT: 1 to 65535.</summary>
    public int UdpServerPort { get; init; } = 62201;

    /// <summary>UDPSERV_BIND_ADDRESS; null = every address, IPv4 and IPv6.</summary>
    public IPAddress? UdpServerAddress { get; init; }

    /// <summary>ENABLE_TCP_SERVER: a TCP socket beside capture or the UDP socket.</summary>
    public bool UsesTcpServer { get; init; }

    /// <summary>TCPSERV_PORT: 1 to 65535.</summary>
    public int TcpServerPort { get; init; } = 62201;

    /// <summary>TCPSERV_BIND_ADDRESS; null = every address, IPv4 and IPv6.</summary>
    public IPAddress? TcpServerAddress { get; init; }

    /// <summary>ENABLE_SPA_PACKET_AGING; not set, it is off for a file.</summary>
    public bool ChecksPacketAge { get; init; } = true;

    /// <summary>MAX_SPA_PACKET_AGE: seconds that a packet's time may differ, in both directions.</summary>
    public int MaxPacketAge { get; init; } = 120;

    /// <summary>ENABLE_DIGEST_PERSISTENCE: replays are detected at all.</summary>
    public bool DetectsReplays { get; init; } = true;

    /// <summary>ENABLE_SPA_OVER_HTTP.</summary>
    public bool AcceptsHttp { get; init; }

    /// <summary>ALLOW_ANY_USER_AGENT.</summary>
    public bool AllowsAnyUserAgent { get; init; }

    /// <summary>LOG_TEXTS 2.6.10: log lines whose text has changed are those of that version (server.md 15).</summary>
    public bool UsesOldLogTexts { get; init; }

    /// <summary>LOG_FORMAT json: one JSON object for each log line.</summary>
    public bool UsesJsonLog { get; init; }

    /// <summary>ENABLE_X_FORWARDED_FOR.</summary>
    public bool ReadsForwardedFor { get; init; }

    /// <summary>TRUSTED_PROXIES: whose X-Forwarded-For is believed; null = nobody's.</summary>
    public AddressList? TrustedProxies { get; init; }

    /// <summary>FIREWALL_TYPE as it is written.</summary>
    public FirewallType FirewallType { get; init; }

    /// <summary>The firewall that is used: never <see cref="FirewallType.Auto"/>.</summary>
    public FirewallType UsedFirewall =>
        FirewallType != FirewallType.Auto ? FirewallType
        : GuardPorts is not null || NftInsert.Count > 0 ? FirewallType.Nftables
        : FirewallPrograms.TypeOf(GivenFirewallExe);

    /// <summary>FIREWALL_EXE as it is written, or null.</summary>
    public string? GivenFirewallExe { get; init; }

    /// <summary>FIREWALL_EXE, or the usual place of the program of the firewall that is used.</summary>
    public string FirewallExe => GivenFirewallExe ?? FirewallPrograms.UsualPath(UsedFirewall);

    /// <summary>The iptables beside other firewalls, for rules that they do not make.</summary>
    public string IptablesExe =>
        GivenFirewallExe is { } given && FirewallPrograms.TypeOf(given) == FirewallType.Iptables ? given : DefaultFirewallExe;

    /// <summary>ENABLE_DESTINATION_RULE: the rule names the packet's destination.</summary>
    public bool UsesDestinationRule { get; init; }

    /// <summary>ENABLE_RULE_PREPEND: rules go to the top of the chain.</summary>
    public bool PrependsRules { get; init; }

    /// <summary>IPT_*, ENABLE_IPT_*, FLUSH_IPT_*.</summary>
    public ChainSettings Iptables { get; init; } = new();

    /// <summary>FIREWD_*, ENABLE_FIREWD_*, FLUSH_FIREWD_*.</summary>
    public ChainSettings Firewalld { get; init; } = new();

    /// <summary>IPFW_*, FLUSH_IPFW_*.</summary>
    public IpfwSettings Ipfw { get; init; } = new();

    /// <summary>PF_ANCHOR_NAME: where the rules of PF are, which pf.conf must have.</summary>
    public string PfAnchor { get; init; } = DefaultPfAnchor;

    /// <summary>FIREWD_ZONE: the zone of firewalld whose rich rules open, <c>default</c> for the default one; null for direct rules.</summary>
    public string? FirewalldZone { get; init; }

    /// <summary>FIREWD_PRIORITY: the first of 10000 priorities that rich rules of ours have, -32768 to -10000.</summary>
    public int FirewalldPriority { get; init; } = -20000;

    /// <summary>The chains of the firewall that is used.</summary>
    public ChainSettings Chains => UsedFirewall == FirewallType.Firewalld ? Firewalld : Iptables;

    /// <summary>ENABLE_NAT_DNS: packets may name the host to forward to.</summary>
    public bool ResolvesNatNames { get; init; } = true;

    /// <summary>SNAT_TRANSLATE_IP: at most one address of each family.</summary>
    public IReadOnlyList<IPAddress> SnatAddresses { get; init; } = [];

    /// <summary>What may be forwarded.</summary>
    public NatSettings Nat => UsedFirewall is FirewallType.Ipfw or FirewallType.Pf
        ? NatSettings.Unsupported
        : new(Chains.Forwards, Chains.ForwardsLocally, Chains.TranslatesSource, SnatAddresses, ResolvesNatNames);

    /// <summary>GUARD_PORTS: ports that fwknopd's own nftables table keeps shut; null = no guard.</summary>
    public PortList? GuardPorts { get; init; }

    /// <summary>NFT_INSERT: chains of the administrator that let granted connections pass.</summary>
    public IReadOnlyList<NftHook> NftInsert { get; init; } = [];

    /// <summary>FLUSH_NFT_AT_INIT.</summary>
    public bool FlushesNftablesAtInit { get; init; } = true;

    /// <summary>FLUSH_NFT_AT_EXIT.</summary>
    public bool FlushesNftablesAtExit { get; init; } = true;

    /// <summary>PRIVILEGE_SEPARATION.</summary>
    public bool SeparatesPrivileges { get; init; } = true;

    /// <summary>LISTENER_USER; null = the account <c>fwknop</c> if there is one, else an unused user id.</summary>
    public string? ListenerUser { get; init; }

    /// <summary>LISTENER_EXE; null = <c>fwknopd-listener</c> beside fwknopd.</summary>
    public string? ListenerExe { get; init; }

    /// <summary>FWKNOP_RUN_DIR, absolute.</summary>
    public string RunDirectory { get; init; } = DefaultRunDirectory;

    /// <summary>FWKNOP_PID_FILE.</summary>
    public string PidFile { get; init; } = DefaultRunDirectory + "/fwknopd.pid";

    /// <summary>DIGEST_FILE.</summary>
    public string DigestFile { get; init; } = DigestPlace.Of(DefaultRunDirectory);

    /// <summary>Where fwknopd keeps what must outlive a reboot: the folder that belongs to FWKNOP_RUN_DIR, wherever DIGEST_FILE is.</summary>
    public string StateFolder { get; init; } = DigestPlace.FolderOf(DefaultRunDirectory);

    /// <summary>The record's place in earlier versions and in the reference, from where it is taken over; null when it is still there.</summary>
    public string? ClassicDigestFile { get; init; }

    /// <summary>LOCALE: the language of the C library's texts; null = as it is.</summary>
    public string? Locale { get; init; }

    /// <summary>SYSLOG_IDENTITY.</summary>
    public string SyslogIdentity { get; init; } = DefaultSyslogIdentity;

    /// <summary>SYSLOG_FACILITY, as RFC 5424 numbers them: 3 for LOG_DAEMON, 16 to 23 for LOG_LOCAL0 to LOG_LOCAL7.</summary>
    public int SyslogFacility { get; init; } = 3;

    /// <summary>SYSLOG_SOCKET.</summary>
    public string SyslogSocket { get; init; } = DefaultSyslogSocket;

    /// <summary>ACCESS_FILE.</summary>
    public string AccessFile { get; init; } = DefaultAccessFile;

    /// <summary>True when the access file was given with <c>-a</c>, where a symbolic link is refused.</summary>
    public bool IsAccessFileFromCommandLine { get; init; }

    /// <summary>ACCESS_FOLDER, without a slash at the end: its files are read in place of the access file; null = not set.</summary>
    public string? AccessFolder { get; init; }

    /// <summary>True when the folder was given with <c>--access-folder</c>, where a symbolic link is refused.</summary>
    public bool IsAccessFolderFromCommandLine { get; init; }

    /// <summary>GPG_HOME_DIR: that of stanzas without one.</summary>
    public string GpgHomeDirectory { get; init; } = DefaultGpgHomeDirectory;

    /// <summary>GPG_EXE: that of stanzas without one, which the reference does not use (server.md 13, Q17); an absolute path.</summary>
    public string GpgExe { get; init; } = DefaultGpgExe;

    /// <summary>SUDO_EXE; an absolute path.</summary>
    public string SudoExe { get; init; } = DefaultSudoExe;

    /// <summary>CMD_EXEC_TIMEOUT: seconds that a command may take.</summary>
    public int CommandTimeout { get; init; } = DefaultCommandTimeout;

    /// <summary>VERBOSE plus one for each <c>-v</c>.</summary>
    public int Verbosity { get; init; }

    /// <summary>The variables as text, in the order of <c>-D</c>; null = not set (server.md 1.4).</summary>
    public IReadOnlyList<KeyValuePair<string, string?>> Settings { get; init; } = [];
}
