using Fwknop.Configuration.Server;
using Fwknop.Daemon.Lifecycle;
using Fwknop.Grants;

namespace Fwknop.Daemon.Listening;

/// <summary>What listeners are told: one that captures, and one that explains by the same rules.</summary>
internal static class ListenerSetups
{
    /// <summary>For the daemon's own listener.</summary>
    /// <param name="configuration">The reading.</param>
    /// <param name="options">The command line.</param>
    /// <param name="passed">What the listener inherits opened.</param>
    /// <param name="decryptors">Where it has OpenPGP packets decrypted.</param>
    /// <param name="seen">Packets that count as replays.</param>
    public static ListenerSetup ToCapture(
        DaemonConfiguration configuration, ServerOptions options, PassedCapture passed, Decryptors decryptors, IReadOnlyCollection<SeenPacket> seen)
    {
        ServerConfig config = configuration.Server;
        return ToJudge(configuration, CaptureModes.Of(config), decryptors) with
        {
            PcapFile = config.PcapFile ?? "",
            Descriptor = passed.Number,
            QueueNumber = (ushort)config.Queue.Queue,
            Interfaces = config.CaptureInterfaces,
            Promiscuous = config.IsPromiscuous,
            AnyDirection = config.CapturesAnyDirection,
            SnapLength = config.SnapLength,
            ExitAtInterfaceDown = config.ExitsAtInterfaceDown,
            UdpPort = (ushort)config.UdpServerPort,
            UdpAddress = config.UdpServerAddress,
            TcpPort = config.UsesTcpServer ? (ushort)config.TcpServerPort : (ushort)0,
            TcpAddress = config.TcpServerAddress,
            PacketLimit = options.PacketLimit,
            DetectReplays = config.DetectsReplays,
            TestMode = options.IsTest,
            StartedAt = TimeProvider.System.GetUtcNow().ToUnixTimeSeconds(),
            UsesOldLogTexts = config.UsesOldLogTexts,
            Seen = seen,
        };
    }

    /// <summary>For one that explains.</summary>
    /// <param name="configuration">The reading.</param>
    /// <param name="options">The command line.</param>
    /// <param name="packets">What it explains.</param>
    /// <param name="decryptors">Where it has OpenPGP packets decrypted.</param>
    /// <param name="seen">Packets that count as replays; null where that is not checked.</param>
    public static ListenerSetup ToExplain(
        DaemonConfiguration configuration, ServerOptions options, PassedCapture packets, Decryptors decryptors, IReadOnlyCollection<SeenPacket>? seen) =>
        ToJudge(configuration, CaptureMode.Explain, decryptors) with
        {
            Descriptor = packets.Number,
            ExplainSource = options.ExplainSource,
            DetectReplays = seen is not null,
            Seen = seen ?? [],
        };

    /// <summary>What a packet is judged by, however it comes.</summary>
    private static ListenerSetup ToJudge(DaemonConfiguration configuration, CaptureMode mode, Decryptors decryptors)
    {
        ServerConfig config = configuration.Server;
        return new ListenerSetup
        {
            Capture = mode,
            Filter = config.PcapFilter,
            MaxPacketAge = config.ChecksPacketAge ? config.MaxPacketAge : null,
            AcceptHttp = config.AcceptsHttp,
            AllowAnyUserAgent = config.AllowsAnyUserAgent,
            TrustedProxies = config.ReadsForwardedFor ? config.TrustedProxies : null,
            Verbosity = config.Verbosity,
            Nat = config.Nat,
            Stanzas = configuration.Access.Stanzas,
            Keyrings = decryptors.Places,
        };
    }
}
