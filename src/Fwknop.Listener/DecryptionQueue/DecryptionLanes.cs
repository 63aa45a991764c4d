using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;
using Fwknop.Native.Libc;
using Fwknop.Protocol;

namespace Fwknop.Listener.DecryptionQueue;

/// <summary>The packets that wait for gpg: a lane for each decryptor, and those that are done. No other packet waits for them.</summary>
internal sealed class DecryptionLanes : IDisposable
{
    private readonly DecryptorSockets _decryptors;
    private readonly Dictionary<int, DecryptionLane> _lanes;
    private readonly ConcurrentQueue<PendingPacket> _done = new();
    private readonly HashSet<ReplayDigest> _known = [];
    private readonly WakeEvent _wake;
    private readonly WakeEvent _end = new();
    private volatile bool _isEnding;

    /// <param name="decryptors">Whom to ask; belong to this object from here on.</param>
    /// <param name="wake">Set when a packet is done.</param>
    public DecryptionLanes(DecryptorSockets decryptors, WakeEvent wake)
    {
        _decryptors = decryptors;
        _wake = wake;
        _lanes = decryptors.Numbers.ToDictionary(number => number, number => new DecryptionLane(packet => Answer(number, packet)));
    }

    /// <summary>True while packets wait, or are done and not taken yet.</summary>
    public bool HasPackets => _known.Count > 0;

    /// <summary>Adds a packet.</summary>
    /// <returns>What becomes of it: it waits, it waits already (<see cref="Outcome.SecondSight"/>), or there is no room.</returns>
    public Outcome Add(PendingPacket packet)
    {
        if (!_known.Add(packet.Digest))
        {
            return Outcome.SecondSight;
        }

        // One more than the lanes, so that it is not done before it was offered to all of them.
        int[] decryptors = [.. packet.Tasks.Select(task => task.Place.Descriptor).Distinct()];
        packet.Await(decryptors.Length + 1);
        int refused = decryptors.Count(decryptor => !TryAdd(packet, decryptor));
        if (refused == decryptors.Length)
        {
            _known.Remove(packet.Digest);
            return Outcome.TooManyWait;
        }

        FinishPart(packet);
        return Outcome.AwaitsDecryption;
    }

    /// <summary>Takes a packet whose decryptions are done.</summary>
    public bool TryTake([NotNullWhen(true)] out PendingPacket? packet)
    {
        if (!_done.TryDequeue(out packet))
        {
            return false;
        }

        _known.Remove(packet.Digest);
        return true;
    }

    /// <summary>Ends the work; what still waits is left.</summary>
    public void Dispose()
    {
        _isEnding = true;
        _end.Set();
        foreach (DecryptionLane lane in _lanes.Values)
        {
            lane.Dispose();
        }

        _end.Dispose();
        _decryptors.Dispose();
    }

    /// <summary>Where one lane has no room, the packet may still be for a stanza of another.</summary>
    private bool TryAdd(PendingPacket packet, int decryptor)
    {
        if (_lanes[decryptor].TryAdd(packet))
        {
            return true;
        }

        packet.Refuse(decryptor, "too many packets wait for the decryptor");
        FinishPart(packet);
        return false;
    }

    private void Answer(int decryptor, PendingPacket packet)
    {
        if (!_isEnding)
        {
            _decryptors.Answer(decryptor, packet.Tasks, packet.Queued, _end);
            FinishPart(packet);
        }
    }

    private void FinishPart(PendingPacket packet)
    {
        if (packet.FinishPart())
        {
            _done.Enqueue(packet);
            _wake.Set();
        }
    }
}
