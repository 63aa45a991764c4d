using Fwknop.Grants;
using Fwknop.Listener.Screening;
using Fwknop.Native.Libc;
using Fwknop.Protocol;

namespace Fwknop.Listener.Capture;

/// <summary>What one TCP connection has brought so far. Bytes come in any number of segments; nothing is answered.</summary>
internal sealed class TcpInbox : IDisposable
{
    private readonly TcpConnection _connection;
    private readonly bool _acceptsHttp;

    // One byte more than is allowed, to tell too many from just enough.
    private readonly byte[] _buffer;
    private int _length;

    /// <param name="connection">Belongs to the inbox from here on.</param>
    /// <param name="slot">Its number among the open connections.</param>
    /// <param name="acceptsHttp">ENABLE_SPA_OVER_HTTP: a request may be longer than a packet.</param>
    /// <param name="now">On the monotonic clock.</param>
    public TcpInbox(TcpConnection connection, int slot, bool acceptsHttp, TimeSpan now)
    {
        _connection = connection;
        _acceptsHttp = acceptsHttp;
        _buffer = new byte[(acceptsHttp ? HttpRequest.MaxLength : Limits.MaxDatagram) + 1];
        Slot = slot;
        OpenedAt = now;
        LastHeard = now;
        Source = PackedAddress.Read(connection.RemoteAddress);
        Destination = PackedAddress.Read(connection.LocalAddress);
    }

    public int Slot { get; }

    public PackedAddress Source { get; }

    public PackedAddress Destination { get; }

    public ushort SourcePort => _connection.RemotePort;

    public Descriptor Descriptor => _connection.Descriptor;

    public TimeSpan OpenedAt { get; }

    public TimeSpan LastHeard { get; private set; }

    /// <summary>All bytes so far.</summary>
    public ReadOnlySpan<byte> Content => _buffer.AsSpan(0, _length);

    /// <summary>More bytes than any packet has.</summary>
    public bool IsTooLong => _length > (_acceptsHttp && HttpRequest.IsRequest(Content) ? HttpRequest.MaxLength : Limits.MaxDatagram);

    /// <summary>Takes what is there. True when that was all: the other side has ended its sending, a request is complete, or it is too long.</summary>
    public bool Read(TimeSpan now)
    {
        while (_connection.TryRead(_buffer.AsSpan(_length), out int count))
        {
            LastHeard = now;
            _length += count;
            if (count == 0 || IsTooLong || (_acceptsHttp && HttpRequest.IsComplete(Content)))
            {
                return true;
            }
        }

        return false;
    }

    public void Dispose() => _connection.Dispose();
}
