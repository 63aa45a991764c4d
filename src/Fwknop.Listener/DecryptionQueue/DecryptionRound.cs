using Fwknop.Grants;

namespace Fwknop.Listener.DecryptionQueue;

/// <summary>
/// The decryptions of the packet that is looked at. gpg takes long and lives in another process, so a packet is looked at twice: first what it needs is
/// noted, and later, with the answers at hand, it is decided in one go like any other.
/// </summary>
internal sealed class DecryptionRound
{
    private IReadOnlyList<DecryptionTask> _answered = [];
    private List<DecryptionTask> _wanted = [];

    /// <summary>Begins a look at a packet.</summary>
    /// <param name="answered">What is known from the first look; empty on the first.</param>
    public void Begin(IReadOnlyList<DecryptionTask> answered) => _answered = answered;

    /// <summary>The answer, or null; then it is noted that it is wanted.</summary>
    /// <param name="place">Which keyring.</param>
    /// <param name="message">The OpenPGP message.</param>
    /// <param name="isVouchedFor">See <see cref="DecryptionTask.IsVouchedFor"/>.</param>
    public DecryptionAnswer? Find(KeyringPlace place, ReadOnlySpan<byte> message, bool isVouchedFor)
    {
        foreach (DecryptionTask task in _answered)
        {
            if (IsSame(task, place, message))
            {
                return task.Answer;
            }
        }

        foreach (DecryptionTask task in _wanted)
        {
            if (IsSame(task, place, message))
            {
                task.IsVouchedFor |= isVouchedFor;
                return null;
            }
        }

        _wanted.Add(new DecryptionTask(place, message.ToArray()) { IsVouchedFor = isVouchedFor });
        return null;
    }

    /// <summary>Takes what is wanted; the next look starts with nothing.</summary>
    public IReadOnlyList<DecryptionTask> TakeWanted()
    {
        List<DecryptionTask> wanted = _wanted;
        if (wanted.Count > 0)
        {
            _wanted = [];
        }

        return wanted;
    }

    private static bool IsSame(DecryptionTask task, KeyringPlace place, ReadOnlySpan<byte> message) =>
        task.Place == place && message.SequenceEqual(task.Message);
}
