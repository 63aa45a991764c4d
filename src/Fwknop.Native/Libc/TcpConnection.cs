using System.Runtime.Versioning;

namespace Fwknop.Native.Libc;

/// <summary>An accepted connection that is only read from, without blocking. Addresses are 4 or 16 bytes in network order; IPv4 may be ::ffff:a.b.c.d.</summary>
[SupportedOSPlatform("linux")]
public sealed unsafe class TcpConnection : IDisposable
{
    private readonly byte[] _remote;
    private readonly byte[] _local;

    internal TcpConnection(Descriptor descriptor, ReadOnlySpan<byte> remote, ReadOnlySpan<byte> local)
    {
        Descriptor = descriptor;
        _remote = SocketName.ReadAddress(remote).ToArray();
        _local = SocketName.ReadAddress(local).ToArray();
        RemotePort = SocketName.ReadPort(remote);
    }

    /// <summary>Readable when there are bytes, and when there will be none any more.</summary>
    public Descriptor Descriptor { get; }

    public ReadOnlySpan<byte> RemoteAddress => _remote;

    public ReadOnlySpan<byte> LocalAddress => _local;

    public ushort RemotePort { get; }

    /// <summary>Reads what is there. False when nothing is there now.</summary>
    /// <param name="buffer">Where to; not empty.</param>
    /// <param name="count">Bytes read; 0 when the other side has ended its sending, or the connection is broken.</param>
    public bool TryRead(Span<byte> buffer, out int count)
    {
        nint read;
        fixed (byte* start = buffer)
        {
            read = LibcFunctions.read(Descriptor, start, (nuint)buffer.Length);
        }

        count = (int)Math.Max(read, 0);
        return read >= 0 || Errno.Last.Code is not (Errno.TryAgain or Errno.Interrupted);
    }

    public void Dispose() => Descriptor.Dispose();
}
