using System.Runtime.Versioning;

namespace Fwknop.Native.Libc;

/// <summary>
/// Two connected sockets that keep messages apart (socketpair(2), SOCK_SEQPACKET): one for each of two programs. A read gives one message, and nothing once
/// the other end is gone.
/// </summary>
[SupportedOSPlatform("linux")]
public sealed unsafe class SocketPair : IDisposable
{
    private const int FamilyUnix = 1;
    private const int SequencedPackets = 5;
    private const int CloseOnExec = 0x80000;

    private SocketPair(Descriptor first, Descriptor second)
    {
        First = first;
        Second = second;
    }

    public Descriptor First { get; }

    public Descriptor Second { get; }

    /// <summary>Makes a pair; programs that are started inherit neither.</summary>
    /// <exception cref="IOException">There are too many descriptors.</exception>
    public static SocketPair Create()
    {
        int* pair = stackalloc int[2];
        return LibcFunctions.socketpair(FamilyUnix, SequencedPackets | CloseOnExec, 0, pair) == 0
            ? new SocketPair(new Descriptor(pair[0], owned: true), new Descriptor(pair[1], owned: true))
            : throw new IOException("socketpair: " + Errno.Last.Text);
    }

    public void Dispose()
    {
        First.Dispose();
        Second.Dispose();
    }
}
