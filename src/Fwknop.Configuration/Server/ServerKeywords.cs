using System.Collections.Frozen;
using System.Net;
using Fwknop.Configuration.Access;
using Fwknop.Configuration.CommandLine;
using Fwknop.Configuration.Files;

namespace Fwknop.Configuration.Server;

/// <summary>Every variable of fwknopd.conf (server.md 3.2) in one table, in the order of <c>-D</c> (server.md 1.4).</summary>
internal static class ServerKeywords
{
    private const int MaxMicroseconds = 8388608;
    private const int MaxCount = 131071;
    private const int MaxSet = 63;

    private const string EventDriven = "packets are read as they arrive";
    private const string RemovedWhenDue = "rules are removed when they are due";
    private const string CommandLineOnly = "it is an option of the command line";

    private const string OldLogTexts = "2.6.10";
    private const string NewLogTexts = "2.6.11";
    private const string TextFormat = "text";
    private const string JsonFormat = "json";

    private static readonly FrozenDictionary<string, int> Facilities = new Dictionary<string, int>
    {
        ["LOG_DAEMON"] = 3,
        ["LOG_LOCAL0"] = 16,
        ["LOG_LOCAL1"] = 17,
        ["LOG_LOCAL2"] = 18,
        ["LOG_LOCAL3"] = 19,
        ["LOG_LOCAL4"] = 20,
        ["LOG_LOCAL5"] = 21,
        ["LOG_LOCAL6"] = 22,
        ["LOG_LOCAL7"] = 23,
    }.ToFrozenDictionary(StringComparer.OrdinalIgnoreCase);

    private static readonly ChainKeywords Iptables =
        new("IPT", config => config.Iptables, (config, chains) => config with { Iptables = chains });

    private static readonly ChainKeywords Firewalld =
        new("FIREWD", config => config.Firewalld, (config, chains) => config with { Firewalld = chains });

    public static IReadOnlyList<ServerKeyword> All { get; } =
    [
        NoEffect("CONFIG_FILE", CommandLineOnly),
        NoEffect("OVERRIDE_CONFIG", CommandLineOnly),
        new("PCAP_INTF", "eth0", SetInterfaces),
        Text("PCAP_FILE", null, (config, value) => config with { PcapFile = value }),
        Flag("ENABLE_PCAP_PROMISC", "N", (config, yes) => config with { IsPromiscuous = yes }),
        Text("PCAP_FILTER", "udp port 62201", (config, value) => config with { PcapFilter = value }),
        NoEffect("PCAP_DISPATCH_COUNT", "100", 1, MaxMicroseconds, EventDriven),
        NoEffect("PCAP_LOOP_SLEEP", "100000", 1, MaxMicroseconds, EventDriven),
        Flag("ENABLE_PCAP_ANY_DIRECTION", null, (config, yes) => config with { CapturesAnyDirection = yes }),
        Flag("EXIT_AT_INTF_DOWN", "Y", (config, yes) => config with { ExitsAtInterfaceDown = yes }),
        Number("MAX_SNIFF_BYTES", "1500", 1, 32768, (config, number) => config with { SnapLength = number }),
        Flag("ENABLE_SPA_PACKET_AGING", "Y", (config, yes) => config with { ChecksPacketAge = yes }),
        Number("MAX_SPA_PACKET_AGE", "120", 1, 100000, (config, number) => config with { MaxPacketAge = number }),
        Flag("ENABLE_DIGEST_PERSISTENCE", "Y", (config, yes) => config with { DetectsReplays = yes }),
        NoEffect("RULES_CHECK_THRESHOLD", "20", 0, MaxCount, RemovedWhenDue),
        new("CMD_EXEC_TIMEOUT", null, SetCommandTimeout),
        Flag("ENABLE_SPA_OVER_HTTP", "N", (config, yes) => config with { AcceptsHttp = yes }),
        FlagUnlessNo("ALLOW_ANY_USER_AGENT", "N", (config, yes) => config with { AllowsAnyUserAgent = yes }),
        Flag("ENABLE_TCP_SERVER", "N", (config, yes) => config with { UsesTcpServer = yes }),
        Number("TCPSERV_PORT", "62201", 1, ushort.MaxValue, (config, number) => config with { TcpServerPort = number }),
        Flag("ENABLE_UDP_SERVER", "N", (config, yes) => config with { UsesUdpServer = yes }),
        Number("UDPSERV_PORT", "62201", 1, ushort.MaxValue, (config, number) => config with { UdpServerPort = number }),
        NoEffect("UDPSERV_SELECT_TIMEOUT", "500000", 1, MaxMicroseconds, EventDriven),
        Text("LOCALE", null, (config, value) => config with { Locale = value.StartsWith("NONE", StringComparison.Ordinal) ? null : value }),
        Text("SYSLOG_IDENTITY", ServerConfig.DefaultSyslogIdentity, (config, value) => config with { SyslogIdentity = value }),
        new("SYSLOG_FACILITY", "LOG_DAEMON", SetFacility),
        Flag("ENABLE_X_FORWARDED_FOR", "N", (config, yes) => config with { ReadsForwardedFor = yes }),
        Flag("ENABLE_DESTINATION_RULE", "N", (config, yes) => config with { UsesDestinationRule = yes }),
        Flag("ENABLE_RULE_PREPEND", "N", (config, yes) => config with { PrependsRules = yes }),
        Flag("ENABLE_NAT_DNS", "Y", (config, yes) => config with { ResolvesNatNames = yes }),
        .. Iptables.Forwarding,
        new("SNAT_TRANSLATE_IP", null, SetSourceAddresses),
        .. Iptables.Chains,
        new("FWKNOP_RUN_DIR", ServerConfig.DefaultRunDirectory, SetRunDirectory),
        NoEffect("FWKNOP_CONF_DIR", "no path follows it", "/etc/fwknop"),
        Text("ACCESS_FILE", ServerConfig.DefaultAccessFile, (config, value) => config with { AccessFile = value }),
        Text("ACCESS_FOLDER", null, (config, value) => config with { AccessFolder = TrimSlash(value) }),
        Text("FWKNOP_PID_FILE", null, (config, value) => config with { PidFile = value }),
        Text("DIGEST_FILE", null, (config, value) => config with { DigestFile = value }),
        Text("GPG_HOME_DIR", ServerConfig.DefaultGpgHomeDirectory, (config, value) => config with { GpgHomeDirectory = value }),
        Program("GPG_EXE", ServerConfig.DefaultGpgExe, (config, value) => config with { GpgExe = value }),
        Program("SUDO_EXE", ServerConfig.DefaultSudoExe, (config, value) => config with { SudoExe = value }),
        Text("FIREWALL_EXE", null, (config, value) => config with { GivenFirewallExe = value }),
        new("VERBOSE", null, SetVerbosity),
        NotYet("FAULT_INJECTION_TAG"),

        // Our own.
        new("FIREWALL_TYPE", "auto", SetFirewallType),
        new("GUARD_PORTS", null, SetGuardPorts),
        new("NFT_INSERT", null, SetNftInsert),
        Flag("FLUSH_NFT_AT_INIT", "Y", (config, yes) => config with { FlushesNftablesAtInit = yes }),
        FlagUnlessNo("FLUSH_NFT_AT_EXIT", "Y", (config, yes) => config with { FlushesNftablesAtExit = yes }),
        FlagUnlessNo("PRIVILEGE_SEPARATION", "Y", (config, yes) => config with { SeparatesPrivileges = yes }),
        new("LOG_TEXTS", NewLogTexts, SetLogTexts),
        new("LOG_FORMAT", TextFormat, SetLogFormat),
        Text("LISTENER_USER", null, (config, value) => config with { ListenerUser = value }),
        Text("LISTENER_EXE", null, (config, value) => config with { ListenerExe = value }),
        Text("SYSLOG_SOCKET", ServerConfig.DefaultSyslogSocket, (config, value) => config with { SyslogSocket = value }),
        Address("UDPSERV_BIND_ADDRESS", (config, address) => config with { UdpServerAddress = address }),
        Address("TCPSERV_BIND_ADDRESS", (config, address) => config with { TcpServerAddress = address }),
        new("TRUSTED_PROXIES", null, SetTrustedProxies),

        // Of the reference's build for NFQUEUE.
        Flag("ENABLE_NFQ_CAPTURE", "N", (config, yes) => config with { UsesQueue = yes }),
        QueueWord("NFQ_INTERFACE", null, (queue, word) => queue with { Interface = word }),
        Number("NFQ_PORT", "62201", 1, ushort.MaxValue, (config, number) => config with { Queue = config.Queue with { Port = number } }),
        QueueWord("NFQ_TABLE", "mangle", (queue, word) => queue with { Table = word }),
        QueueWord("NFQ_CHAIN", "FWKNOP_NFQ", (queue, word) => queue with { Chain = word }),
        Number("NFQ_QUEUE_NUMBER", "1", 0, ushort.MaxValue, (config, number) => config with { Queue = config.Queue with { Queue = number } }),
        NoEffect("NFQ_LOOP_SLEEP", "500000", 1, MaxMicroseconds, EventDriven),

        .. OtherBuilds(),
    ];

    public static FrozenDictionary<string, ServerKeyword> ByName { get; } = All.ToFrozenDictionary(keyword => keyword.Name, StringComparer.Ordinal);

    /// <summary>Variables that the reference knows only when built for another firewall.</summary>
    private static IEnumerable<ServerKeyword> OtherBuilds() =>
    [
        .. Of(
            FirewallType.Firewalld,
            [
                .. Firewalld.Forwarding,
                .. Firewalld.Chains,

                // Our own.
                new("FIREWD_ZONE", null, SetZone),
                new("FIREWD_PRIORITY", "-20000", SetPriority),
            ]),
        .. Of(
            FirewallType.Ipfw,
            [
                IpfwFlag("FLUSH_IPFW_AT_INIT", "Y", (ipfw, yes) => ipfw with { FlushesAtInit = yes }),
                FlagUnlessNo("FLUSH_IPFW_AT_EXIT", "Y", (config, yes) => config with { Ipfw = config.Ipfw with { FlushesAtExit = yes } }),
                IpfwNumber("IPFW_START_RULE_NUM", "10000", 0, MaxCount, (ipfw, number) => ipfw with { StartRule = number }),
                IpfwNumber("IPFW_MAX_RULES", "65535", 1, MaxCount, (ipfw, number) => ipfw with { MaxRules = number }),
                IpfwNumber("IPFW_ACTIVE_SET_NUM", "1", 0, MaxSet, (ipfw, number) => ipfw with { ActiveSet = number }),
                IpfwNumber("IPFW_EXPIRE_SET_NUM", "2", 0, MaxSet, (ipfw, number) => ipfw with { ExpireSet = number }),
                IpfwNumber("IPFW_EXPIRE_PURGE_INTERVAL", "30", 1, MaxCount, (ipfw, number) => ipfw with { PurgeInterval = TimeSpan.FromSeconds(number) }),
                IpfwFlag("IPFW_ADD_CHECK_STATE", "N", (ipfw, yes) => ipfw with { AddsCheckState = yes }),
            ]),
        .. Of(FirewallType.Pf, [new("PF_ANCHOR_NAME", ServerConfig.DefaultPfAnchor, SetPfAnchor), NoEffect("PF_EXPIRE_INTERVAL", "30", 1, MaxCount, RemovedWhenDue)]),
    ];

    private static IEnumerable<ServerKeyword> Of(FirewallType firewall, ServerKeyword[] keywords) => keywords.Select(keyword => keyword with { Firewall = firewall });

    private static ServerKeyword Text(string name, string? standard, Func<ServerConfig, string, ServerConfig> set) =>
        new(name, standard, (config, value, _) => set(config, value));

    private static ServerKeyword Flag(string name, string? standard, Func<ServerConfig, bool, ServerConfig> set) =>
        new(name, standard, (config, value, place) => set(config, place.ReadFlag(name, value)));

    /// <summary>A flag of which only a first letter of N is no (server.md 3.1, the exceptions).</summary>
    private static ServerKeyword FlagUnlessNo(string name, string standard, Func<ServerConfig, bool, ServerConfig> set) =>
        new(name, standard, (config, value, place) => set(config, place.ReadFlagUnlessNo(name, value)));

    private static ServerKeyword Number(string name, string standard, int min, int max, Func<ServerConfig, int, ServerConfig> set) =>
        new(name, standard, (config, value, place) => ReadNumber(name, value, min, max, place) is int number ? set(config, number) : config);

    /// <summary>A name on the command line of iptables: none of its options, and no longer than it takes.</summary>
    private static ServerKeyword QueueWord(string name, string? standard, Func<QueueSettings, string, QueueSettings> set) => new(name, standard, (config, value, place) =>
    {
        if (IsSafeWord(value))
        {
            return config with { Queue = set(config.Queue, value) };
        }

        SayInvalidName(name, value, place);
        return config;
    });

    private static bool IsSafeWord(string value)
    {
        const int Longest = 28;
        return value.Length is > 0 and <= Longest && char.IsAsciiLetterOrDigit(value[0]) && value.All(c => char.IsAsciiLetterOrDigit(c) || c is '_' or '-' or '.');
    }

    private static void SayInvalidName(string name, string value, Place place) =>
        place.Error($"[*] Invalid {name} '{value}', need a name of letters, digits, '_', '-' and '.'");

    /// <summary>One address in its usual form, without a zone.</summary>
    private static ServerKeyword Address(string name, Func<ServerConfig, IPAddress, ServerConfig> set) => new(name, null, (config, value, place) =>
    {
        bool isIPv6 = value.Contains(':', StringComparison.Ordinal);
        if (IPAddress.TryParse(value, out IPAddress? address)
            && (isIPv6 ? value.All(c => char.IsAsciiHexDigit(c) || c is ':' or '.') : address.ToString() == value))
        {
            return set(config, address);
        }

        place.Error($"[*] Invalid {name} '{value}', need an IPv4 or IPv6 address");
        return config;
    });

    private static ServerKeyword NoEffect(string name, string reason, string? standard = null) => new(name, standard, (config, _, place) =>
    {
        SayNoEffect(name, reason, place);
        return config;
    });

    private static ServerKeyword NoEffect(string name, string? standard, int min, int max, string reason) =>
        new(name, standard, (config, value, place) =>
        {
            if (ReadNumber(name, value, min, max, place) is not null)
            {
                SayNoEffect(name, reason, place);
            }

            return config;
        });

    /// <summary>A variable whose feature does not exist yet.</summary>
    private static ServerKeyword NotYet(string name) => new(name, null, (config, value, place) =>
    {
        place.Error($"[*] {name} {value} is not supported yet");
        return config;
    });

    private static ServerKeyword IpfwFlag(string name, string standard, Func<IpfwSettings, bool, IpfwSettings> set) =>
        Flag(name, standard, (config, yes) => config with { Ipfw = set(config.Ipfw, yes) });

    private static ServerKeyword IpfwNumber(string name, string standard, int min, int max, Func<IpfwSettings, int, IpfwSettings> set) =>
        Number(name, standard, min, max, (config, number) => config with { Ipfw = set(config.Ipfw, number) });

    private static ServerKeyword Program(string name, string standard, Func<ServerConfig, string, ServerConfig> set) =>
        new(name, standard, (config, value, place) =>
        {
            if (Path.IsPathFullyQualified(value))
            {
                return set(config, value);
            }

            place.Error($"[*] {name} '{value}' is not an absolute path");
            return config;
        });

    private static string TrimSlash(string folder) => folder.Length > 1 && folder.EndsWith('/') ? folder[..^1] : folder;

    private static void SayNoEffect(string name, string reason, Place place) => place.Info($"{name} has no effect: {reason}");

    private static int? ReadNumber(string name, string value, int min, int max, Place place)
    {
        if (StrictNumber.TryParse(value, min, max, out int number))
        {
            return number;
        }

        place.Error(FormattableString.Invariant($"[*] var {name} value '{value}' not in the range {min}-{max}"));
        return null;
    }

    /// <summary>Reads a chain; null, after errors, for what is none.</summary>
    internal static ChainSpec? ReadChain(string name, string value, Place place)
    {
        ChainSpec.TryParse(name, value, out ChainSpec? spec, out IReadOnlyList<string> errors);
        Report(errors, place);
        return spec;
    }

    private static void Report(IReadOnlyList<string> errors, Place place)
    {
        foreach (string error in errors)
        {
            place.Error(error);
        }
    }

    private static ServerConfig SetInterfaces(ServerConfig config, string value, Place place)
    {
        if (InterfaceList.TryParse(value, out InterfaceList? interfaces, out string error))
        {
            return config with { CaptureInterfaces = interfaces };
        }

        place.Error(error);
        return config;
    }

    private static ServerConfig SetTrustedProxies(ServerConfig config, string value, Place place)
    {
        if (!AddressList.TryParse(value, out AddressList? proxies, out IReadOnlyList<string> errors))
        {
            Report(errors, place);
        }

        return config with { TrustedProxies = proxies };
    }

    private static ServerConfig SetSourceAddresses(ServerConfig config, string value, Place place)
    {
        string[] items = value.Split(',', StringSplitOptions.TrimEntries);
        IPAddress[] addresses = [.. items.Select(item => NatAddress.TryParse(item, out IPAddress? address) ? address : null).OfType<IPAddress>()];
        if (addresses.Length < items.Length || addresses.DistinctBy(address => address.AddressFamily).Count() < addresses.Length)
        {
            place.Error($"Invalid IPv4 addr for SNAT_TRANSLATE_IP: '{value}', need an address, or one of IPv4 and one of IPv6: 192.0.2.1, 2001:db8::1");
            return config;
        }

        return config with { SnatAddresses = addresses };
    }

    private static ServerConfig SetRunDirectory(ServerConfig config, string value, Place place)
    {
        if (!value.StartsWith('/'))
        {
            place.Error($"Path '{value}' is not absolute.");
        }

        return config with { RunDirectory = value };
    }

    private static ServerConfig SetCommandTimeout(ServerConfig config, string value, Place place) =>
        ReadNumber("CMD_EXEC_TIMEOUT", value, 0, int.MaxValue, place) is > 0 and int seconds ? config with { CommandTimeout = seconds } : config;

    private static ServerConfig SetVerbosity(ServerConfig config, string value, Place place)
    {
        if (StrictNumber.TryParse(value, 0, int.MaxValue, out int number))
        {
            return config with { Verbosity = number };
        }

        place.Error($"[*] VERBOSE value '{value}' not in the range (>0)");
        return config;
    }

    private static ServerConfig SetFacility(ServerConfig config, string value, Place place)
    {
        if (Facilities.TryGetValue(value, out int facility))
        {
            return config with { SyslogFacility = facility };
        }

        place.Error($"Invalid SYSLOG_FACILITY setting '{value}'");
        return config;
    }

    private static ServerConfig SetLogTexts(ServerConfig config, string value, Place place)
    {
        if (value is not (OldLogTexts or NewLogTexts))
        {
            place.Error($"[*] Invalid LOG_TEXTS '{value}', use {OldLogTexts} or {NewLogTexts}");
        }

        return config with { UsesOldLogTexts = value == OldLogTexts };
    }

    private static ServerConfig SetLogFormat(ServerConfig config, string value, Place place)
    {
        if (value is not (TextFormat or JsonFormat))
        {
            place.Error($"[*] Invalid LOG_FORMAT '{value}', use {TextFormat} or {JsonFormat}");
        }

        return config with { UsesJsonLog = value == JsonFormat };
    }

    private static ServerConfig SetFirewallType(ServerConfig config, string value, Place place)
    {
        switch (value.ToUpperInvariant())
        {
            case "AUTO":
                return config with { FirewallType = FirewallType.Auto };
            case "NFTABLES":
                return config with { FirewallType = FirewallType.Nftables };
            case "IPTABLES":
                return config with { FirewallType = FirewallType.Iptables };
            case "NONE":
                return config with { FirewallType = FirewallType.None };
            case "IPSET":
                return config with { FirewallType = FirewallType.Ipset };
            case "FIREWALLD":
                return config with { FirewallType = FirewallType.Firewalld };
            case "IPFW":
                return config with { FirewallType = FirewallType.Ipfw };
            case "PF":
                return config with { FirewallType = FirewallType.Pf };
            default:
                place.Error($"[*] Invalid FIREWALL_TYPE '{value}', use {{auto,nftables,iptables,ipset,firewalld,ipfw,pf,none}}");
                return config;
        }
    }

    /// <summary>A name on the command line of pfctl, which changes none that begins with '_', and in the text that it reads.</summary>
    private static ServerConfig SetPfAnchor(ServerConfig config, string value, Place place)
    {
        const int Longest = 63;
        if (value.Length <= Longest && char.IsAsciiLetterOrDigit(value[0]) && value.All(c => char.IsAsciiLetterOrDigit(c) || c is '_' or '-' or '.'))
        {
            return config with { PfAnchor = value };
        }

        place.Error($"[*] Invalid PF_ANCHOR_NAME '{value}', need a name of letters, digits, '_', '-' and '.'");
        return config;
    }

    private static ServerConfig SetGuardPorts(ServerConfig config, string value, Place place)
    {
        if (!PortList.TryParse(value, out PortList? ports, out IReadOnlyList<string> errors))
        {
            Report(errors, place);
            place.Error("[*] Invalid GUARD_PORTS, need a list such as tcp/22, udp/1194");
        }

        return config with { GuardPorts = ports };
    }

    private static ServerConfig SetZone(ServerConfig config, string value, Place place)
    {
        if (IsSafeWord(value))
        {
            return config with { FirewalldZone = value };
        }

        SayInvalidName("FIREWD_ZONE", value, place);
        return config;
    }

    private static ServerConfig SetPriority(ServerConfig config, string value, Place place)
    {
        if (StrictNumber.TryParse(value, -32768, -10000, out int number))
        {
            return config with { FirewalldPriority = number };
        }

        place.Error($"[*] var FIREWD_PRIORITY value '{value}' not in the range -32768 to -10000");
        return config;
    }

    private static ServerConfig SetNftInsert(ServerConfig config, string value, Place place)
    {
        if (!NftHook.TryParseList(value, out IReadOnlyList<NftHook> hooks, out IReadOnlyList<string> errors))
        {
            Report(errors, place);
        }

        return config with { NftInsert = hooks };
    }
}
