using Fwknop.Configuration.Server;
using Fwknop.Daemon.Lifecycle;
using Fwknop.Daemon.Logging;
using Fwknop.Grants;
using Fwknop.Native.Libc;

namespace Fwknop.Daemon.Listening;

/// <summary>
/// What the listener inherits opened. What it may not open itself: a file that perhaps only root can read, or the queue of NFQUEUE capture, which the listener
/// reads; binding it and giving verdicts takes the right to change the firewall, so both are done here. And what the next listener goes on with: the socket of
/// the UDP server, so that no packet is lost in between. No packet is read here.
/// </summary>
internal sealed class PassedCapture : IDisposable
{
    private readonly Descriptor? _file;
    private readonly QueueSocket? _queue;
    private readonly UdpReceiver? _udp;

    private PassedCapture(Descriptor? file = null, QueueSocket? queue = null, UdpReceiver? udp = null)
    {
        _file = file;
        _queue = queue;
        _udp = udp;
    }

    /// <summary>What is passed on; null where the listener opens everything itself.</summary>
    public Descriptor? Descriptor => _file ?? _queue?.Descriptor ?? _udp?.Descriptor;

    /// <summary>The number under which the listener finds it: it is lent first. -1 where there is none.</summary>
    public int Number => Descriptor is null ? -1 : ChildProgram.FirstLent;

    /// <summary>The number under which the listener finds the first of the descriptors that it is lent besides.</summary>
    public int NextNumber => ChildProgram.FirstLent + (Descriptor is null ? 0 : 1);

    /// <summary>Opens what the mode needs, if it needs something.</summary>
    /// <exception cref="StartupException">It cannot be opened.</exception>
    public static PassedCapture Open(ServerConfig config, CaptureMode mode, DaemonLog log)
    {
        switch (mode)
        {
            case CaptureMode.File:
                Descriptor? file = Descriptor.TryOpenRegular(config.PcapFile!);
                return file is not null
                    ? new PassedCapture(file)
                    : throw new StartupException($"[*] Invalid pcap file path '{config.PcapFile}'");
            case CaptureMode.Queue:
                QueueSocket? queue = QueueSocket.TryBind((ushort)config.Queue.Queue, out Errno error);
                return queue is not null
                    ? new PassedCapture(queue: queue)
                    : throw new StartupException($"Error during nfq_create_queue(): queue {config.Queue.Queue}: {error.Text}");
            case CaptureMode.Udp:
                UdpReceiver? udp = UdpReceiver.TryBind(
                    config.UdpServerAddress, (ushort)config.UdpServerPort, largestDatagram: 0, out string failedCall, out error);
                if (udp is not null)
                {
                    return new PassedCapture(udp: udp);
                }

                log.Error($"run_udp_server: {failedCall} failed: {error.Text}");
                throw new StartupException("Fatal run_udp_server() error");
            default:
                return new PassedCapture();
        }
    }

    /// <summary>Opens what <c>--explain</c> names; <c>-</c> is standard input.</summary>
    /// <exception cref="StartupException">It cannot be opened.</exception>
    public static PassedCapture OpenPackets(string path)
    {
        bool isInput = path == "-";
        Descriptor? file = isInput ? Descriptor.TryDuplicateStandard(0) : Descriptor.TryOpenRegular(path);
        return file is not null ? new PassedCapture(file)
            : throw new StartupException(
                isInput ? "[*] --explain: there is no standard input"
                : !Path.Exists(path) && new FileInfo(path).LinkTarget is null ? $"[*] --explain: '{path}': there is no such file; - is standard input"
                : $"[*] --explain: '{path}' cannot be read: it must be a regular file and no symbolic link; - is standard input");
    }

    /// <summary>All that the listener is lent, in the order that the numbers stand for.</summary>
    /// <param name="besides">What comes from <see cref="NextNumber"/> on.</param>
    public IReadOnlyList<Descriptor> With(IReadOnlyList<Descriptor> besides) => Descriptor is { } first ? [first, .. besides] : besides;

    /// <summary>Tells the kernel what becomes of a packet. False when there is no queue.</summary>
    public bool TryGiveVerdict(ListenerMessage.QueueVerdict verdict)
    {
        _queue?.GiveVerdict(verdict.Id, verdict.Passes);
        return _queue is not null;
    }

    public void Dispose()
    {
        _file?.Dispose();
        _queue?.Dispose();
        _udp?.Dispose();
    }
}
