using System.Diagnostics;
using Fwknop.Grants;
using Fwknop.Native.Libc;

namespace Fwknop.Listener.DecryptionQueue;

/// <summary>The sockets to all decryptors, which this process was started with.</summary>
/// <param name="places">Where stanzas have their keyrings.</param>
/// <param name="patience">How long an answer may take.</param>
internal sealed class DecryptorSockets(IEnumerable<KeyringPlace> places, TimeSpan patience) : IDisposable
{
    /// <summary>Our choice: twice as long as the decryptor gives gpg, so that one may start meanwhile.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    private readonly Dictionary<int, DecryptorSocket> _sockets =
        places.Select(place => place.Descriptor).Distinct().ToDictionary(number => number, number => new DecryptorSocket(Descriptor.Inherit(number), patience));

    /// <summary>The numbers that keyrings name the sockets by.</summary>
    public IEnumerable<int> Numbers => _sockets.Keys;

    /// <summary>Asks one decryptor for all that it is to decrypt, and waits for the answers. Each socket is for one thread at a time.</summary>
    /// <param name="socket">Which.</param>
    /// <param name="tasks">Those of this decryptor get their answers; others are left.</param>
    /// <param name="started">Since when their packet waits (<see cref="Stopwatch.GetTimestamp"/>).</param>
    /// <param name="end">Ends the wait.</param>
    public void Answer(int socket, IReadOnlyList<DecryptionTask> tasks, long started, WakeEvent end)
    {
        foreach (DecryptionTask task in tasks.Where(task => task.Place.Descriptor == socket))
        {
            task.Answer = _sockets[socket].Ask(new DecryptionQuestion(task.Place.Keyring, task.Message), started, end);
        }
    }

    /// <summary>Asks one decryptor after the other.</summary>
    /// <param name="tasks">Get their answers.</param>
    /// <param name="end">Ends the wait.</param>
    public void Answer(IReadOnlyList<DecryptionTask> tasks, WakeEvent end)
    {
        foreach (int socket in Numbers)
        {
            Answer(socket, tasks, Stopwatch.GetTimestamp(), end);
        }
    }

    public void Dispose()
    {
        foreach (DecryptorSocket socket in _sockets.Values)
        {
            socket.Dispose();
        }
    }
}
