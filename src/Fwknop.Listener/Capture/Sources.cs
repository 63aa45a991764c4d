using Fwknop.Grants;
using Fwknop.Listener.Dispatch;
using Fwknop.Native.Libc;
using Fwknop.Native.LibPcap;

namespace Fwknop.Listener.Capture;

/// <summary>Opens the source that the setup names, with the log lines of server.md 5.</summary>
internal static class Sources
{
    /// <summary>Null when it cannot be opened; the log says why.</summary>
    public static IPacketSource? TryOpen(ListenerSetup setup, WakeEvent wake, ListenerLog log) =>
        setup.Capture == CaptureMode.Udp ? TryOpenUdp(setup, wake, log) : TryOpenPcap(setup, wake, log);

    private static UdpSource? TryOpenUdp(ListenerSetup setup, WakeEvent wake, ListenerLog log)
    {
        log.Write(LogLevel.Info, $"Kicking off UDP server to listen on port {setup.UdpPort}.");
        UdpSource? source = UdpSource.TryOpen(setup.UdpPort, wake, out string error);
        if (source is null)
        {
            log.Write(LogLevel.Error, error);
        }

        return source;
    }

    private static PcapSource? TryOpenPcap(ListenerSetup setup, WakeEvent wake, ListenerLog log)
    {
        PcapOptions options = new()
        {
            Interface = setup.Interface,
            Filter = setup.Filter,
            Promiscuous = setup.Promiscuous,
            SnapLength = setup.SnapLength,
            AnyDirection = setup.AnyDirection,
        };
        try
        {
            PcapSource? source = PcapSource.TryOpen(options, wake, out string error, out string? warning);
            if (source is null)
            {
                log.Write(LogLevel.Error, error);
                return null;
            }

            log.Write(LogLevel.Info, $"Sniffing interface: {setup.Interface}");
            log.Write(LogLevel.Info, $"PCAP filter is: '{setup.Filter}'");
            if (warning is not null)
            {
                log.Write(LogLevel.Debug, warning);
            }

            return source;
        }
        catch (PcapUnavailableException error)
        {
            log.Write(LogLevel.Error, error.Message);
            return null;
        }
    }
}
