using Fwknop.Configuration.Server;
using Fwknop.Grants;
using Fwknop.Native.Libc;

namespace Fwknop.Daemon.Lifecycle;

/// <summary>
/// What the listener may not open itself and inherits opened: a file that perhaps only root can read, or the queue of NFQUEUE capture. The listener
/// reads the queue; binding it and giving verdicts takes the right to change the firewall, so both are done here. No packet is read here.
/// </summary>
internal sealed class PassedCapture : IDisposable
{
    private readonly Descriptor? _file;
    private readonly QueueSocket? _queue;

    private PassedCapture(Descriptor? file, QueueSocket? queue)
    {
        _file = file;
        _queue = queue;
    }

    /// <summary>What is passed on; null where the listener opens everything itself.</summary>
    public Descriptor? Descriptor => _file ?? _queue?.Descriptor;

    /// <summary>Opens what the mode needs, if it needs something.</summary>
    /// <exception cref="StartupException">It cannot be opened.</exception>
    public static PassedCapture Open(ServerConfig config, CaptureMode mode)
    {
        switch (mode)
        {
            case CaptureMode.File:
                Descriptor? file = Descriptor.TryOpenRegular(config.PcapFile!);
                return file is not null
                    ? new PassedCapture(file, null)
                    : throw new StartupException($"[*] Invalid pcap file path '{config.PcapFile}'");
            case CaptureMode.Queue:
                QueueSocket? queue = QueueSocket.TryBind((ushort)config.Queue.Queue, out Errno error);
                return queue is not null
                    ? new PassedCapture(null, queue)
                    : throw new StartupException($"Error during nfq_create_queue(): queue {config.Queue.Queue}: {error.Text}");
            default:
                return new PassedCapture(null, null);
        }
    }

    /// <summary>Opens what <c>--explain</c> names; <c>-</c> is standard input.</summary>
    /// <exception cref="StartupException">It cannot be opened.</exception>
    public static PassedCapture OpenPackets(string path)
    {
        bool isInput = path == "-";
        Descriptor? file = isInput ? Descriptor.TryDuplicateStandard(0) : Descriptor.TryOpenRegular(path);
        return file is not null ? new PassedCapture(file, null)
            : throw new StartupException(isInput
                ? "[*] --explain: there is no standard input"
                : $"[*] --explain: '{path}' cannot be read: it must be a regular file and no symbolic link; - is standard input");
    }

    /// <summary>Tells the kernel what becomes of a packet. False when there is no queue.</summary>
    public bool TryGiveVerdict(ListenerMessage.Verdict verdict)
    {
        _queue?.GiveVerdict(verdict.Id, verdict.Passes);
        return _queue is not null;
    }

    public void Dispose()
    {
        _file?.Dispose();
        _queue?.Dispose();
    }
}
