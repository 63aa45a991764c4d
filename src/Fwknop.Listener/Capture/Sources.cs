using Fwknop.Grants;
using Fwknop.Listener.Dispatch;
using Fwknop.Native.Libc;
using Fwknop.Native.LibPcap;
using Fwknop.Protocol;

namespace Fwknop.Listener.Capture;

/// <summary>Opens the sources that the setup names, with the log lines of server.md 5.</summary>
internal static class Sources
{
    /// <summary>Null when they cannot be opened; the log says why.</summary>
    public static CaptureSet? TryOpen(ListenerSetup setup, WakeEvent wake, ListenerLog log)
    {
        List<IPacketSource> sources = [];
        if (TryAdd(setup, sources, log))
        {
            return new CaptureSet(sources, wake);
        }

        foreach (IPacketSource source in sources)
        {
            source.Dispose();
        }

        return null;
    }

    private static bool TryAdd(ListenerSetup setup, List<IPacketSource> sources, ListenerLog log)
    {
        try
        {
            return setup.Capture switch
            {
                CaptureMode.Udp => AddUdp(setup, sources, log),
                CaptureMode.File => TryAddFile(setup, sources, log),
                CaptureMode.Queue => AddQueue(setup, sources, log),
                _ => TryAddInterfaces(setup, sources, log),
            } && (setup.TcpPort == 0 || TryAddTcp(setup, sources, log));
        }
        catch (PcapUnavailableException error)
        {
            log.Write(LogLevel.Error, error.Message, Failed(error.Message));
            return false;
        }
    }

    private static bool AddUdp(ListenerSetup setup, List<IPacketSource> sources, ListenerLog log)
    {
        log.Write(LogLevel.Info, $"Kicking off UDP server to listen on port {setup.UdpPort}.", Started("udp").With(LogField.Port, setup.UdpPort));
        sources.Add(new UdpSource(UdpReceiver.Inherit(Descriptor.Inherit(setup.Descriptor), Limits.MaxDatagram), setup.UdpPort));
        return true;
    }

    private static bool TryAddTcp(ListenerSetup setup, List<IPacketSource> sources, ListenerLog log)
    {
        log.Write(LogLevel.Info, $"Kicking off TCP server to listen on port {setup.TcpPort}.", Started("tcp").With(LogField.Port, setup.TcpPort));
        TcpSource? source = TcpSource.TryOpen(setup, out string error);
        if (source is null)
        {
            log.Write(LogLevel.Error, error, Failed(error));
            log.Write(LogLevel.Error, "Fatal run_tcp_server() error");
            return false;
        }

        sources.Add(source);
        return true;
    }

    private static bool AddQueue(ListenerSetup setup, List<IPacketSource> sources, ListenerLog log)
    {
        sources.Add(new QueueSource(QueueSocket.Inherit(Descriptor.Inherit(setup.Descriptor), setup.QueueNumber)));
        log.Write(LogLevel.Info, $"Reading packets of NFQUEUE: {setup.QueueNumber}", Started("nfqueue"));
        return true;
    }

    private static bool TryAddFile(ListenerSetup setup, List<IPacketSource> sources, ListenerLog log)
    {
        log.Write(LogLevel.Info, $"Reading pcap file: {setup.PcapFile}", Started("file"));
        FileSource? source = FileSource.TryOpen(Descriptor.Inherit(setup.Descriptor), setup.Filter, out string error);
        if (source is null)
        {
            log.Write(LogLevel.Error, error, Failed(error));
            return false;
        }

        log.Write(LogLevel.Info, $"PCAP filter is: '{setup.Filter}'");
        sources.Add(source);
        return true;
    }

    /// <summary>
    /// All of them, or with EXIT_AT_INTF_DOWN at least one: those that are not there are waited for. Without it none need be there, for the daemon
    /// must get as far as keeping ports shut.
    /// </summary>
    private static bool TryAddInterfaces(ListenerSetup setup, List<IPacketSource> sources, ListenerLog log)
    {
        IReadOnlyList<string> names = setup.Interfaces.Names;
        bool waits = names.Count > 1 || !setup.ExitAtInterfaceDown;
        List<string> missing = [];
        foreach (string name in names)
        {
            PcapOptions options = new()
            {
                Interface = name,
                Filter = setup.Filter,
                Promiscuous = setup.Promiscuous,
                SnapLength = setup.SnapLength,
                AnyDirection = setup.AnyDirection,
            };
            PcapSource? source = PcapSource.TryOpen(options, waits, out PcapOpening opening);
            if (source is null)
            {
                log.Write(LogLevel.Error, opening.Error, Failed(opening.Error));
                return false;
            }

            sources.Add(source);
            if (source.IsOpen)
            {
                log.Write(LogLevel.Info, $"Sniffing interface: {name}", Started("pcap").With(LogField.Interface, name));
                log.Write(LogLevel.Debug, opening.Warning);
            }
            else
            {
                missing.Add(opening.Error);
            }
        }

        bool isEnough = missing.Count < names.Count || !setup.ExitAtInterfaceDown;
        foreach (string error in missing)
        {
            log.Write(
                isEnough ? LogLevel.Warning : LogLevel.Error,
                isEnough ? $"{error}. Waiting for the interface." : error,
                isEnough ? new LogEvent(LogEventKind.CaptureLost).With(LogField.Error, error) : Failed(error));
        }

        log.Write(LogLevel.Info, isEnough ? $"PCAP filter is: '{setup.Filter}'" : null);
        return isEnough;
    }

    private static LogEvent Started(string capture) => new LogEvent(LogEventKind.CaptureStarted).With(LogField.Capture, capture);

    private static LogEvent Failed(string error) => new LogEvent(LogEventKind.CaptureFailed).With(LogField.Error, error);
}
