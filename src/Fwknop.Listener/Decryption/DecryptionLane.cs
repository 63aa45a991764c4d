using System.Collections.Concurrent;
using Fwknop.Grants;
using Fwknop.Native.Libc;
using Fwknop.Protocol;

namespace Fwknop.Listener.Decryption;

/// <summary>
/// The packets that wait for gpg, one after the other on a thread of their own: no other packet waits for them. Bounded, for without an HMAC anybody can
/// make gpg work, and as long as it may: what an HMAC vouches for has room of its own, and goes first.
/// </summary>
internal sealed class DecryptionLane : IDisposable
{
    /// <summary>Packets that wait at most, of those with an HMAC and of those without (our choice: some seconds of gpg's time); more are left out.</summary>
    public const int Capacity = 32;

    // In the order in which they are taken from: those with an HMAC first.
    private readonly BlockingCollection<PendingPacket>[] _waiting = [new(Capacity), new(Capacity)];
    private readonly ConcurrentQueue<PendingPacket> _done = new();
    private readonly HashSet<ReplayDigest> _known = [];
    private readonly DecryptorSockets _decryptors;
    private readonly WakeEvent _wake;
    private readonly WakeEvent _end = new();
    private readonly Thread _worker;
    private volatile string? _failure;

    /// <param name="places">Where stanzas have their keyrings.</param>
    /// <param name="wake">Set when a packet is done.</param>
    public DecryptionLane(IEnumerable<KeyringPlace> places, WakeEvent wake)
    {
        _decryptors = new DecryptorSockets(places);
        _wake = wake;
        _worker = new Thread(Work) { IsBackground = true, Name = "decryption" };
        _worker.Start();
    }

    /// <summary>Why no packet can be decrypted any more; null while all is well.</summary>
    public string? Failure => _failure;

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

        if (_waiting[packet.IsVouchedFor ? 0 : 1].TryAdd(packet))
        {
            return Outcome.AwaitsDecryption;
        }

        _known.Remove(packet.Digest);
        return Outcome.TooManyWait;
    }

    /// <summary>Takes a packet whose decryptions are done.</summary>
    public bool TryTake([System.Diagnostics.CodeAnalysis.NotNullWhen(true)] out PendingPacket? packet)
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
        Array.ForEach(_waiting, waiting => waiting.CompleteAdding());
        _end.Set();
        _worker.Join();
        _end.Dispose();
        Array.ForEach(_waiting, waiting => waiting.Dispose());
        _decryptors.Dispose();
    }

    private void Work()
    {
        try
        {
            while (BlockingCollection<PendingPacket>.TryTakeFromAny(_waiting, out PendingPacket? packet, Timeout.Infinite) >= 0)
            {
                _decryptors.Answer(packet!.Tasks, _end);
                _done.Enqueue(packet);
                _wake.Set();
            }
        }
        catch (IOException error)
        {
            _failure = error.Message;
            _wake.Set();
        }
    }
}
