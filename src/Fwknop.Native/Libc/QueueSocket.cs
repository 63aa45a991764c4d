using System.Runtime.Versioning;

namespace Fwknop.Native.Libc;

/// <summary>
/// A queue of packets that rules with the target NFQUEUE fill, as a netlink socket. Binding it and giving verdicts needs CAP_NET_ADMIN; reading what
/// comes needs nothing. So one process binds it and gives verdicts, and another one, that inherits the socket, reads.
/// </summary>
[SupportedOSPlatform("linux")]
public sealed unsafe class QueueSocket : IDisposable
{
    private const int FamilyNetlink = 16;
    private const int RawNonBlockingCloseOnExec = 3 | 0x800 | 0x80000;
    private const int NetfilterProtocol = 12;
    private const int LevelSocket = 1;
    private const int OptionReceiveBufferForce = 33;
    private const int ReceiveBuffer = 4 << 20;
    private const int LongestPacket = 0xFFFF;
    private const int MostPackets = 1024;

    private readonly byte[] _buffer = new byte[LongestPacket + 1024];
    private readonly ushort _number;

    private QueueSocket(Descriptor descriptor, ushort number)
    {
        Descriptor = descriptor;
        _number = number;
    }

    /// <summary>Readable when a packet waits.</summary>
    public Descriptor Descriptor { get; }

    /// <summary>Binds a queue. Null with an error when somebody else has it, the kernel has none, or the right is missing.</summary>
    public static QueueSocket? TryBind(ushort number, out Errno error)
    {
        int fd = LibcFunctions.socket(FamilyNetlink, RawNonBlockingCloseOnExec, NetfilterProtocol);
        if (fd < 0)
        {
            error = Errno.Last;
            return null;
        }

        QueueSocket queue = new(new Descriptor(fd, owned: true), number);
        _ = ServerSocket.TrySetOption(queue.Descriptor, LevelSocket, OptionReceiveBufferForce, ReceiveBuffer, out _);
        error = queue.Bind();
        if (error == Errno.None)
        {
            return queue;
        }

        queue.Dispose();
        return null;
    }

    /// <summary>A queue that another process has bound; only for reading.</summary>
    /// <param name="descriptor">Belongs to the queue from here on.</param>
    /// <param name="number">Of the queue.</param>
    public static QueueSocket Inherit(Descriptor descriptor, ushort number) => new(descriptor, number);

    /// <summary>The next packet. False when there is none, or with an error.</summary>
    public bool TryReceive(out QueuedPacket packet, out Errno error)
    {
        packet = default;
        while (TryRead(out int length, out error))
        {
            if (QueueMessage.TryReadPacket(_buffer.AsSpan(0, length), out packet))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Lets a packet pass, or drops it. What fails is as good as no verdict: the kernel gives one when the queue is closed.</summary>
    public void GiveVerdict(uint id, bool passes) => _ = Send(QueueMessage.Verdict(_number, id, passes));

    public void Dispose() => Descriptor.Dispose();

    private Errno Bind()
    {
        if (Send(QueueMessage.Bind(_number, LongestPacket, MostPackets)) is var failure && failure != Errno.None)
        {
            return failure;
        }

        // The kernel has answered when the call returns. Packets may have come in between, from rules that were there before.
        while (TryRead(out int length, out Errno error))
        {
            ReadOnlySpan<byte> message = _buffer.AsSpan(0, length);
            if (QueueMessage.ReadAnswer(message) is { } answer)
            {
                return new Errno(answer);
            }

            if (QueueMessage.TryReadPacket(message, out QueuedPacket packet))
            {
                GiveVerdict(packet.Id, passes: true);
            }
        }

        return new Errno(Errno.TryAgain);
    }

    private bool TryRead(out int length, out Errno error)
    {
        nint read;
        fixed (byte* buffer = _buffer)
        {
            do
            {
                read = LibcFunctions.read(Descriptor, buffer, (nuint)_buffer.Length);
            }
            while (read < 0 && Errno.Last.Code is Errno.Interrupted or Errno.NoBuffers);
        }

        length = (int)Math.Max(read, 0);
        error = read >= 0 || Errno.Last.Code == Errno.TryAgain ? Errno.None : Errno.Last;
        return read >= 0;
    }

    private Errno Send(byte[] message)
    {
        fixed (byte* start = message)
        {
            return LibcFunctions.write(Descriptor, start, (nuint)message.Length) >= 0 ? Errno.None : Errno.Last;
        }
    }
}
