using Fwknop.Grants;
using Fwknop.Native.Libc;

namespace Fwknop.Listener.Decryption;

/// <summary>The sockets to all decryptors, which this process was started with. For one thread at a time.</summary>
/// <param name="places">Where stanzas have their keyrings.</param>
internal sealed class DecryptorSockets(IEnumerable<KeyringPlace> places) : IDisposable
{
    private readonly Dictionary<int, DecryptorSocket> _sockets =
        places.Select(place => place.Descriptor).Distinct().ToDictionary(number => number, number => new DecryptorSocket(Descriptor.Inherit(number)));

    /// <summary>Asks for each task, and waits for the answers.</summary>
    /// <param name="tasks">Get their answers.</param>
    /// <param name="end">Ends the wait.</param>
    /// <exception cref="IOException">A decryptor has failed.</exception>
    public void Answer(IReadOnlyList<DecryptionTask> tasks, WakeEvent end)
    {
        foreach (DecryptionTask task in tasks)
        {
            task.Answer = _sockets[task.Place.Descriptor].Ask(new DecryptionQuestion(task.Place.Keyring, task.Message), end);
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
