using System.Collections.Concurrent;
using Fwknop.Grants;
using Fwknop.Native.Libc;
using Fwknop.Protocol;

namespace Fwknop.Listener.Decryption;

/// <summary>
/// The packets that wait for gpg, one after the other on a thread of their own: no other packet waits for them. Bounded, for without an HMAC anybody can
/// make gpg work.
/// </summary>
internal sealed class DecryptionLane : IDisposable
{
    /// <summary>Packets that wait at most (our choice: some seconds of gpg's time); more are left out.</summary>
    public const int Capacity = 32;

    // Longer than the decryptor gives gpg.
    private static readonly TimeSpan AnswerTimeout = TimeSpan.FromSeconds(20);

    private readonly BlockingCollection<PendingPacket> _waiting = new(Capacity);
    private readonly ConcurrentQueue<PendingPacket> _done = new();
    private readonly HashSet<ReplayDigest> _known = [];
    private readonly Dictionary<int, Descriptor> _sockets;
    private readonly WakeEvent _wake;
    private readonly WakeEvent _end = new();
    private readonly Thread _worker;
    private volatile string? _failure;

    /// <param name="places">The sockets to the decryptors, which this process was started with.</param>
    /// <param name="wake">Set when a packet is done.</param>
    public DecryptionLane(IEnumerable<KeyringPlace> places, WakeEvent wake)
    {
        _sockets = places.Select(place => place.Descriptor).Distinct().ToDictionary(number => number, Descriptor.Inherit);
        _wake = wake;
        _worker = new Thread(Work) { IsBackground = true, Name = "decryption" };
        _worker.Start();
    }

    /// <summary>Why no packet can be decrypted any more; null while all is well.</summary>
    public string? Failure => _failure;

    /// <summary>True while packets wait, or are done and not taken yet.</summary>
    public bool HasPackets => _known.Count > 0;

    /// <summary>Adds a packet.</summary>
    /// <returns>False when there is no room. True also for one that waits already: it counts once.</returns>
    public bool TryAdd(PendingPacket packet)
    {
        if (!_known.Add(packet.Digest))
        {
            return true;
        }

        if (_waiting.TryAdd(packet))
        {
            return true;
        }

        _known.Remove(packet.Digest);
        return false;
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
        _waiting.CompleteAdding();
        _end.Set();
        _worker.Join();
        _end.Dispose();
        _waiting.Dispose();
        foreach (Descriptor socket in _sockets.Values)
        {
            socket.Dispose();
        }
    }

    private void Work()
    {
        try
        {
            foreach (PendingPacket packet in _waiting.GetConsumingEnumerable())
            {
                foreach (DecryptionTask task in packet.Tasks)
                {
                    task.Answer = Ask(_sockets[task.Place.Descriptor], new DecryptionQuestion(task.Place.Keyring, task.Message));
                }

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

    private DecryptionAnswer Ask(Descriptor socket, DecryptionQuestion question)
    {
        if (!socket.TryWriteAll(question.ToBytes(), out Errno error))
        {
            throw new IOException($"the decryptor cannot be asked: {error.Text}");
        }

        using PollSet events = new(socket, _end.Descriptor);
        if (!events.Wait(AnswerTimeout) || events.IsReady(1))
        {
            throw new IOException("the decryptor does not answer");
        }

        Span<byte> bytes = stackalloc byte[DecryptionAnswer.MaxSize + 1];
        if (!socket.TryRead(bytes, out int length, out error) || length == 0)
        {
            throw new IOException($"the decryptor is gone{(error == Errno.None ? "" : ": " + error.Text)}");
        }

        bool isAnswer = DecryptionAnswer.TryRead(bytes[..length], out DecryptionAnswer? answer);
        bytes.Clear();
        return isAnswer ? answer! : throw new IOException("the decryptor sent something that is no answer");
    }
}
