using System.Diagnostics;
using Fwknop.Configuration.Access;
using Fwknop.Grants;
using Fwknop.Native.Libc;

namespace Fwknop.Listener.Capture;

/// <summary>
/// Packets that are sent over TCP connections, in place of the server that only accepts them (server.md 5.4). A packet is what a connection has brought when
/// the other side ends its sending, when an HTTP request is complete, or when its time is over. Nothing is ever sent.
/// </summary>
internal sealed class TcpSource : IPacketSource
{
    /// <summary>Connections at once (our choice).</summary>
    public const int MaxConnections = 512;

    /// <summary>Connections at once from one IPv4 address or one IPv6 network of 64 bits, but for trusted proxies (our choice).</summary>
    public const int MaxPerSource = 16;

    private const int AcceptorTag = -1;
    private const int ClockTag = -2;
    private const int NetworkBits = 64;

    /// <summary>How long a connection may last (our choice).</summary>
    public static readonly TimeSpan TimeLimit = TimeSpan.FromSeconds(5);

    private readonly TcpAcceptor _acceptor;
    private readonly ushort _port;
    private readonly bool _acceptsHttp;
    private readonly AddressList? _proxies;
    private readonly ReadySet _ready = new();
    private readonly AlarmClock _clock = new();
    private readonly TcpInbox?[] _open = new TcpInbox?[MaxConnections];
    private readonly LinkedList<TcpInbox> _byAge = new();
    private readonly Queue<int> _tags = new();
    private readonly Queue<TcpInbox> _complete = new();
    private TcpInbox? _handedOut;
    private bool _accepts = true;

    private TcpSource(TcpAcceptor acceptor, ListenerSetup setup)
    {
        _acceptor = acceptor;
        _port = setup.TcpPort;
        _acceptsHttp = setup.AcceptHttp;
        _proxies = setup.TrustedProxies;
        _ready.Add(acceptor.Descriptor, AcceptorTag);
        _ready.Add(_clock.Descriptor, ClockTag);
    }

    public Descriptor Descriptor => _ready.Descriptor;

    public string Report => "";

    /// <summary>Null with a log line like those of server.md 5.3 when the port cannot be had.</summary>
    public static TcpSource? TryOpen(ListenerSetup setup, out string error)
    {
        TcpAcceptor? acceptor = TcpAcceptor.TryListen(setup.TcpAddress, setup.TcpPort, out string failedCall, out Errno errno);
        error = acceptor is null ? $"run_tcp_server: {failedCall} failed: {errno.Text}" : "";
        return acceptor is null ? null : new TcpSource(acceptor, setup);
    }

    /// <summary>Whether a connection is open, or has brought something that was not asked for yet.</summary>
    public bool HasConnections => _byAge.Count > 0 || _complete.Count > 0;

    /// <summary>Takes the connections that wait, and no more.</summary>
    public void StopAccepting()
    {
        for (int i = 0; i < MaxConnections && TryAccept(Now()); i++)
        {
        }

        _accepts = false;
        _ready.Remove(_acceptor.Descriptor);
        _acceptor.Dispose();
    }

    public CaptureOutcome TryNext(out Datagram datagram, out FrameRejection why)
    {
        _handedOut?.Dispose();
        _handedOut = null;
        while (true)
        {
            if (_complete.TryDequeue(out TcpInbox? inbox))
            {
                return HandOut(inbox, out datagram, out why);
            }

            if (_tags.Count == 0 && !TakeReady())
            {
                datagram = default;
                why = FrameRejection.None;
                return CaptureOutcome.Empty;
            }

            Handle(_tags.Dequeue(), Now());
        }
    }

    public void Dispose()
    {
        _handedOut?.Dispose();
        foreach (TcpInbox inbox in _complete.Concat(_byAge))
        {
            inbox.Dispose();
        }

        _acceptor.Dispose();
        _clock.Dispose();
        _ready.Dispose();
    }

    private static TimeSpan Now() => Stopwatch.GetElapsedTime(0);

    private CaptureOutcome HandOut(TcpInbox inbox, out Datagram datagram, out FrameRejection why)
    {
        _handedOut = inbox;
        datagram = default;
        why = inbox.IsTooLong ? FrameRejection.DatagramLength : FrameRejection.None;
        if (why != FrameRejection.None)
        {
            return CaptureOutcome.Refused;
        }

        datagram = new Datagram
        {
            Payload = inbox.Content,
            SourceBits = inbox.Source,
            DestinationBits = inbox.Destination,
            SourcePort = inbox.SourcePort,
            DestinationPort = _port,
            Protocol = IpProtocol.Tcp,
            Reception = Reception.TcpServer,
        };
        return CaptureOutcome.Datagram;
    }

    private bool TakeReady()
    {
        foreach (int tag in _ready.Take())
        {
            _tags.Enqueue(tag);
        }

        return _tags.Count > 0;
    }

    private void Handle(int tag, TimeSpan now)
    {
        switch (tag)
        {
            case AcceptorTag when _accepts:
                TryAccept(now);
                break;
            case AcceptorTag:
                break;
            case ClockTag:
                EndOverdue(now);
                break;
            default:
                // The connection may have ended since the tag was taken; another one in its place has nothing to read, or has.
                if (_open[tag] is { } inbox && inbox.Read(now))
                {
                    Complete(inbox);
                }

                break;
        }
    }

    /// <summary>One connection at a time: those that are open get their turn in between.</summary>
    /// <returns>False when none waits any more.</returns>
    private bool TryAccept(TimeSpan now)
    {
        TcpConnection? connection = _acceptor.TryAccept(out bool isEmpty);
        if (connection is null)
        {
            return !isEmpty;
        }

        MakeRoom(PackedAddress.Read(connection.RemoteAddress));
        TcpInbox inbox = new(connection, Array.IndexOf(_open, null), _acceptsHttp, now);
        _open[inbox.Slot] = inbox;
        _byAge.AddLast(inbox);
        _ready.Add(inbox.Descriptor, inbox.Slot);
        if (_byAge.Count == 1)
        {
            _clock.Set(TimeLimit);
        }

        return true;
    }

    /// <summary>Where there are too many, the one that has been silent longest ends, with what it has brought.</summary>
    private void MakeRoom(PackedAddress source)
    {
        List<TcpInbox> same = [.. _byAge.Where(inbox => NetworkOf(inbox.Source) == NetworkOf(source))];
        if (same.Count >= MaxPerSource && _proxies?.Contains(source.ToIPAddress()) != true)
        {
            Complete(same.MinBy(inbox => inbox.LastHeard)!);
        }
        else if (_byAge.Count >= MaxConnections)
        {
            Complete(_byAge.MinBy(inbox => inbox.LastHeard)!);
        }
    }

    private void EndOverdue(TimeSpan now)
    {
        while (_byAge.First is { Value: { } oldest } && oldest.OpenedAt + TimeLimit <= now)
        {
            Complete(oldest);
        }

        _clock.Set(_byAge.First is { Value: { } next } ? next.OpenedAt + TimeLimit - now : Timeout.InfiniteTimeSpan);
    }

    private void Complete(TcpInbox inbox)
    {
        _ready.Remove(inbox.Descriptor);
        _open[inbox.Slot] = null;
        _byAge.Remove(inbox);
        _complete.Enqueue(inbox);
    }

    private static UInt128 NetworkOf(PackedAddress address) => address.IsIPv4 ? address.Bits : address.Bits >> NetworkBits;
}
