using System.Diagnostics;
using Fwknop.Grants;
using Fwknop.Listener.Capture;
using Fwknop.Protocol;

namespace Fwknop.Listener.DecryptionQueue;

/// <summary>A packet that waits for gpg: a copy of it, for the bytes it came in are used again.</summary>
internal sealed class PendingPacket : IDisposable
{
    private readonly byte[] _payload;
    private readonly PackedAddress _source;
    private readonly PackedAddress _destination;
    private readonly ushort _sourcePort;
    private readonly ushort _destinationPort;
    private readonly IpProtocol _protocol;
    private readonly Reception _reception;
    private readonly byte _point;
    private int _parts;

    public PendingPacket(in Datagram datagram, DateTimeOffset arrived, IReadOnlyList<DecryptionTask> tasks)
    {
        _payload = datagram.Payload.ToArray();
        (_source, _destination) = (datagram.SourceBits, datagram.DestinationBits);
        (_sourcePort, _destinationPort) = (datagram.SourcePort, datagram.DestinationPort);
        (_protocol, _reception, _point) = (datagram.Protocol, datagram.Reception, datagram.Point);
        Arrived = arrived;
        Tasks = tasks;
    }

    /// <summary>The packet as it came.</summary>
    public Datagram Datagram => new()
    {
        Payload = _payload,
        SourceBits = _source,
        DestinationBits = _destination,
        SourcePort = _sourcePort,
        DestinationPort = _destinationPort,
        Protocol = _protocol,
        Reception = _reception,
        Point = _point,
    };

    /// <summary>The time by which it is judged.</summary>
    public DateTimeOffset Arrived { get; }

    public IReadOnlyList<DecryptionTask> Tasks { get; }

    /// <summary>True when a stanza's HMAC was right.</summary>
    public bool IsVouchedFor => Tasks.Any(task => task.IsVouchedFor);

    /// <summary>With NFQUEUE, how the kernel calls it: it waits there as well.</summary>
    public uint? QueueId { get; init; }

    /// <summary>When it began to wait, as <see cref="Stopwatch.GetTimestamp"/> has it.</summary>
    public long Queued { get; } = Stopwatch.GetTimestamp();

    /// <summary>Tells equal packets: all but where they came from.</summary>
    public ReplayDigest Digest => ReplayDigest.Of(_payload);

    /// <summary>It is done when so many parts are finished.</summary>
    public void Await(int parts) => _parts = parts;

    /// <summary>One part is finished, on whatever thread.</summary>
    /// <returns>True when it was the last.</returns>
    public bool FinishPart() => Interlocked.Decrement(ref _parts) == 0;

    /// <summary>Answers in the place of a decryptor that is not asked.</summary>
    public void Refuse(int decryptor, string why)
    {
        foreach (DecryptionTask task in Tasks.Where(task => task.Place.Descriptor == decryptor))
        {
            task.Answer = new DecryptionAnswer(Rejection.GpgmeDecryptFailed, why, null);
        }
    }

    /// <summary>Wipes the plaintexts.</summary>
    public void Dispose()
    {
        foreach (DecryptionTask task in Tasks)
        {
            task.Dispose();
        }
    }
}
