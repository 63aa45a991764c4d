using System.Collections.Concurrent;

namespace Fwknop.Listener.DecryptionQueue;

/// <summary>
/// The packets that wait for one decryptor, one after the other on a thread of their own: whatever that decryptor does, nothing waits for it but its own packets.
/// Bounded, for without an HMAC anybody can make gpg work, and as long as it may: what an HMAC vouches for has room of its own, and goes first.
/// </summary>
internal sealed class DecryptionLane : IDisposable
{
    /// <summary>Packets that wait at most, of those with an HMAC and of those without (our choice: some seconds of gpg's time); more are left out.</summary>
    public const int Capacity = 32;

    // In the order in which they are taken from: those with an HMAC first.
    private readonly BlockingCollection<PendingPacket>[] _waiting = [new(Capacity), new(Capacity)];
    private readonly Action<PendingPacket> _handle;
    private readonly Thread _worker;

    /// <param name="handle">What is done with each packet, on the lane's thread.</param>
    public DecryptionLane(Action<PendingPacket> handle)
    {
        _handle = handle;
        _worker = new Thread(Work) { IsBackground = true, Name = "decryption" };
        _worker.Start();
    }

    /// <summary>Adds a packet.</summary>
    /// <returns>False when there is no room.</returns>
    public bool TryAdd(PendingPacket packet) => _waiting[packet.IsVouchedFor ? 0 : 1].TryAdd(packet);

    /// <summary>Waits until all packets that are in it are handled.</summary>
    public void Dispose()
    {
        Array.ForEach(_waiting, waiting => waiting.CompleteAdding());
        _worker.Join();
        Array.ForEach(_waiting, waiting => waiting.Dispose());
    }

    private void Work()
    {
        while (BlockingCollection<PendingPacket>.TryTakeFromAny(_waiting, out PendingPacket? packet, Timeout.Infinite) >= 0)
        {
            _handle(packet!);
        }
    }
}
