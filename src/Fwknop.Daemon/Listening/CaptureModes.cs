using Fwknop.Configuration.Server;
using Fwknop.Grants;

namespace Fwknop.Daemon.Listening;

/// <summary>How packets are captured by a configuration (server.md 2.1 step 16, with the file of 5.1).</summary>
internal static class CaptureModes
{
    public static CaptureMode Of(ServerConfig config) => config.UsesUdpServer ? CaptureMode.Udp
        : config.UsesQueue ? CaptureMode.Queue
        : config.PcapFile is not null ? CaptureMode.File
        : CaptureMode.Pcap;
}
