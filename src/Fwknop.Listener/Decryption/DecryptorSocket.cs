using Fwknop.Grants;
using Fwknop.Native.Libc;

namespace Fwknop.Listener.Decryption;

/// <summary>The listener's end of the socket to a decryptor. For one thread at a time.</summary>
/// <param name="descriptor">As inherited; belongs to this object from here on.</param>
internal sealed class DecryptorSocket(Descriptor descriptor) : IDisposable
{
    // Longer than the decryptor gives gpg.
    private static readonly TimeSpan AnswerTimeout = TimeSpan.FromSeconds(20);

    /// <summary>Asks, and waits for the answer.</summary>
    /// <param name="question">What.</param>
    /// <param name="end">Ends the wait.</param>
    /// <exception cref="IOException">There will be no answer: the decryptor is gone, does not answer, or sends something else.</exception>
    public DecryptionAnswer Ask(DecryptionQuestion question, WakeEvent end)
    {
        if (!descriptor.TryWriteAll(question.ToBytes(), out Errno error))
        {
            throw new IOException($"the decryptor cannot be asked: {error.Text}");
        }

        using PollSet events = new(descriptor, end.Descriptor);
        if (!events.Wait(AnswerTimeout) || !events.IsReady(0))
        {
            throw new IOException("the decryptor does not answer");
        }

        Span<byte> bytes = stackalloc byte[DecryptionAnswer.MaxSize + 1];
        if (!descriptor.TryRead(bytes, out int length, out error) || length == 0)
        {
            throw new IOException($"the decryptor is gone{(error == Errno.None ? "" : ": " + error.Text)}");
        }

        bool isAnswer = DecryptionAnswer.TryRead(bytes[..length], out DecryptionAnswer? answer);
        bytes.Clear();
        return isAnswer ? answer! : throw new IOException("the decryptor sent something that is no answer");
    }

    public void Dispose() => descriptor.Dispose();
}
