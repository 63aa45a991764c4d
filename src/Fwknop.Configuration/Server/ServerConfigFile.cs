using Fwknop.Configuration.Files;

namespace Fwknop.Configuration.Server;

/// <summary>Makes the daemon's configuration of fwknopd.conf, override files and command line (server.md 1.1).</summary>
public static class ServerConfigFile
{
    private const string OnlyNftables = "needs FIREWALL_TYPE nftables";
    private const string PacketAging = "ENABLE_SPA_PACKET_AGING";

    /// <summary>Reads the files that the options name and puts the options above them.</summary>
    /// <param name="options">The command line; its own errors are not repeated here.</param>
    /// <param name="probe">Asks the operating system about the files, or null.</param>
    public static Loaded<ServerConfig> Load(ServerOptions options, FileProbe? probe = null) => Load(options, probe, out _);

    /// <summary>Reads them, also to go on where they have errors.</summary>
    /// <param name="options">The command line; its own errors are not repeated here.</param>
    /// <param name="probe">Asks the operating system about the files, or null.</param>
    /// <param name="partial">What is known all the same.</param>
    public static Loaded<ServerConfig> Load(ServerOptions options, FileProbe? probe, out PartialServerConfig partial)
    {
        ArgumentNullException.ThrowIfNull(options);
        DiagnosticList diagnostics = new();
        SettingsReader reader = new(diagnostics);
        reader.ReadFile(options.ConfigFile, probe);
        foreach (string file in options.OverrideFiles)
        {
            reader.ReadFile(file, probe);
        }

        return Finish(reader, options, diagnostics, out partial);
    }

    /// <summary>Reads the text of an fwknopd.conf in place of the file that the options name.</summary>
    /// <param name="text">The bytes of the file.</param>
    /// <param name="options">The command line.</param>
    public static Loaded<ServerConfig> Parse(ReadOnlySpan<byte> text, ServerOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        DiagnosticList diagnostics = new();
        SettingsReader reader = new(diagnostics);
        reader.Read(text, options.ConfigFile);
        return Finish(reader, options, diagnostics, out _);
    }

    private static Loaded<ServerConfig> Finish(
        SettingsReader reader, ServerOptions options, DiagnosticList diagnostics, out PartialServerConfig partial)
    {
        foreach ((string name, string value) in options.Settings)
        {
            reader.Set(name, value);
        }

        ServerConfig config = Apply(reader.Settings) with
        {
            IsAccessFileFromCommandLine = options.Settings.ContainsKey("ACCESS_FILE"),
            IsAccessFolderFromCommandLine = options.Settings.ContainsKey("ACCESS_FOLDER"),
        };
        config = config with { Verbosity = config.Verbosity + options.VerboseCount, Settings = Describe(reader.Settings, config, options) };
        CheckTogether(config, reader.Settings);
        CheckNftablesModes(config, reader.Settings);
        CheckCapture(config, reader.Settings);
        CheckIpfw(config, reader.Settings);
        partial = new PartialServerConfig(FindAccess(config, reader), FindRun(config, reader, options), config.StateFolder);
        return new Loaded<ServerConfig>(diagnostics.HasErrors ? null : config, diagnostics.InFileOrder());
    }

    /// <summary>Where settings are lost, only what the command line names is known; and what is set to nothing leads nowhere.</summary>
    private static ServerConfig? FindAccess(ServerConfig config, SettingsReader reader)
    {
        if (IsEmpty(reader, "ACCESS_FILE") || IsEmpty(reader, "ACCESS_FOLDER"))
        {
            return null;
        }

        return !reader.HasLostSettings || config.IsAccessFolderFromCommandLine ? config
            : config.IsAccessFileFromCommandLine ? config with { AccessFolder = null }
            : null;
    }

    /// <summary>The same for an earlier run with this configuration: its folders and its PID file.</summary>
    private static ServerConfig? FindRun(ServerConfig config, SettingsReader reader, ServerOptions options)
    {
        if (!config.RunDirectory.StartsWith('/') || IsEmpty(reader, "FWKNOP_RUN_DIR") || IsEmpty(reader, "FWKNOP_PID_FILE"))
        {
            return null;
        }

        // Others may have written the rest of it.
        return !reader.HasLostSettings ? config
            : options.Settings.ContainsKey("FWKNOP_RUN_DIR") && options.Settings.ContainsKey("FWKNOP_PID_FILE")
                ? new ServerConfig { RunDirectory = config.RunDirectory, StateFolder = config.StateFolder, PidFile = config.PidFile }
            : null;
    }

    private static bool IsEmpty(SettingsReader reader, string name) => reader.Settings.GetValueOrDefault(name)?.Value == "";

    private static ServerConfig Apply(IReadOnlyDictionary<string, Setting> settings)
    {
        ServerConfig config = new();
        foreach (ServerKeyword keyword in ServerKeywords.All)
        {
            if (!settings.TryGetValue(keyword.Name, out Setting? setting))
            {
                continue;
            }

            if (setting.Value.Length == 0 && keyword.Name != "PCAP_FILTER")
            {
                setting.Place.Error($"[*] {keyword.Name} is empty");
                continue;
            }

            config = keyword.Apply(config, setting.Value, setting.Place);
        }

        bool hasDigestFile = settings.ContainsKey("DIGEST_FILE");
        string digestFile = hasDigestFile ? config.DigestFile : DigestPlace.Of(config.RunDirectory);
        string classic = DigestPlace.Classic(config.RunDirectory);
        return config with
        {
            PidFile = settings.ContainsKey("FWKNOP_PID_FILE") ? config.PidFile : Path.Join(config.RunDirectory, "fwknopd.pid"),
            ChecksPacketAge = settings.ContainsKey(PacketAging) ? config.ChecksPacketAge : config.PcapFile is null,
            DigestFile = digestFile,
            StateFolder = DigestPlace.FolderOf(config.RunDirectory),
            ClassicDigestFile = hasDigestFile || digestFile == classic ? null : classic,
        };
    }

    private static void CheckTogether(ServerConfig config, IReadOnlyDictionary<string, Setting> settings)
    {
        if (config.FirewallType is not (FirewallType.Auto or FirewallType.Nftables))
        {
            foreach (string name in (string[])["GUARD_PORTS", "NFT_INSERT"])
            {
                settings.GetValueOrDefault(name)?.Place.Error($"[*] {name} {OnlyNftables}");
            }
        }
    }

    private static void CheckNftablesModes(ServerConfig config, IReadOnlyDictionary<string, Setting> settings)
    {
        if (config.GuardPorts is not null && config.NftInsert.Count > 0)
        {
            settings.GetValueOrDefault("NFT_INSERT")?.Place.Error(
                "[*] GUARD_PORTS and NFT_INSERT exclude each other: either fwknopd keeps the ports shut, or a chain of yours does");
        }
    }

    /// <summary>What the ranges of the reference let through and ipfw(8) does not have, or what would flush rules of others.</summary>
    private static void CheckIpfw(ServerConfig config, IReadOnlyDictionary<string, Setting> settings)
    {
        if (config.UsedFirewall != FirewallType.Ipfw)
        {
            return;
        }

        IpfwSettings ipfw = config.Ipfw;
        Place? active = settings.GetValueOrDefault("IPFW_ACTIVE_SET_NUM")?.Place;
        Place? expire = settings.GetValueOrDefault("IPFW_EXPIRE_SET_NUM")?.Place;
        if (ipfw.ActiveSet == ipfw.ExpireSet && ipfw.ActiveSet != 0)
        {
            (active ?? expire)?.Error("[*] Cannot set identical ipfw active and expire sets.");
        }

        if (ipfw.ActiveSet is 0 or > IpfwSettings.LastSet)
        {
            active?.Error($"[*] IPFW_ACTIVE_SET_NUM must be 1 to {IpfwSettings.LastSet}: set 0 has all rules that name none, and would be flushed with them");
        }

        if (ipfw.ExpireSet > IpfwSettings.LastSet)
        {
            expire?.Error($"[*] IPFW_EXPIRE_SET_NUM must be 0 to {IpfwSettings.LastSet}: other sets cannot be disabled");
        }

        if (ipfw.StartRule is 0 or > IpfwSettings.LastRule)
        {
            settings.GetValueOrDefault("IPFW_START_RULE_NUM")?.Place.Error($"[*] IPFW_START_RULE_NUM must be 1 to {IpfwSettings.LastRule}, as ipfw numbers rules");
        }
    }

    /// <summary>There is one way for packets to come in, besides the TCP server; and a header is believed only where somebody is trusted.</summary>
    private static void CheckCapture(ServerConfig config, IReadOnlyDictionary<string, Setting> settings)
    {
        if (config.PcapFile is not null && config.UsesUdpServer)
        {
            settings.GetValueOrDefault("PCAP_FILE")?.Place.Error("[*] PCAP_FILE and ENABLE_UDP_SERVER exclude each other");
        }

        if (config.UsesQueue && (config.PcapFile is not null || config.UsesUdpServer))
        {
            string other = config.UsesUdpServer ? "ENABLE_UDP_SERVER" : "PCAP_FILE";
            settings.GetValueOrDefault("ENABLE_NFQ_CAPTURE")?.Place.Error($"[*] ENABLE_NFQ_CAPTURE and {other} exclude each other");
        }

        if (config.ReadsForwardedFor && config.TrustedProxies is null)
        {
            settings.GetValueOrDefault("ENABLE_X_FORWARDED_FOR")?.Place.Warning(
                "[*] ENABLE_X_FORWARDED_FOR has no effect without TRUSTED_PROXIES: the header is ignored, for any client could write it");
        }
    }

    private static List<KeyValuePair<string, string?>> Describe(
        IReadOnlyDictionary<string, Setting> settings, ServerConfig config, ServerOptions options)
    {
        return [.. ServerKeywords.All.Where(keyword => keyword.Firewall is null || keyword.Firewall == config.UsedFirewall).Select(keyword => KeyValuePair.Create(keyword.Name, ValueOf(keyword)))];

        string? ValueOf(ServerKeyword keyword) => keyword.Name switch
        {
            "CONFIG_FILE" => options.ConfigFile,
            "OVERRIDE_CONFIG" => options.OverrideFiles.Count == 0 ? null : string.Join(',', options.OverrideFiles),
            "FWKNOP_PID_FILE" => config.PidFile,
            "DIGEST_FILE" => config.DigestFile,
            "FIREWALL_EXE" => config.FirewallExe,
            PacketAging when !settings.ContainsKey(PacketAging) => config.ChecksPacketAge ? keyword.Default : "N",
            _ => settings.GetValueOrDefault(keyword.Name)?.Value ?? keyword.Default,
        };
    }
}
