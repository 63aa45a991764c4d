using System.Diagnostics;
using Fwknop.Grants;
using Fwknop.Native.Libc;
using Fwknop.Protocol;

namespace Fwknop.Listener.DecryptionQueue;

/// <summary>
/// The listener's end of the socket to a decryptor. The daemon keeps the other end as well and lends it to the next decryptor when one has ended: what is
/// noticed here is that no answer comes. For one thread at a time.
/// </summary>
/// <param name="descriptor">As inherited; belongs to this object from here on.</param>
/// <param name="patience">How long an answer may take; longer than the decryptor gives gpg.</param>
internal sealed class DecryptorSocket(Descriptor descriptor, TimeSpan patience) : IDisposable
{
    /// <summary>Our choice: a decryptor that has ended may have taken the question along, so the next one is asked again, once.</summary>
    private const int MaxAttempts = 2;

    /// <summary>The end goes before all that is said, or one that never stops talking would put it off.</summary>
    private const int EndIndex = 1;

    private readonly byte[] _buffer = new byte[NumberedMessage.Header + DecryptionAnswer.MaxSize + 1];
    private uint _number;

    /// <summary>It has said that it hears.</summary>
    private bool _isReady;

    /// <summary>It did not answer, and has said nothing since: until it does, no packet waits for it.</summary>
    private bool _isSilent;

    private enum Heard
    {
        Nothing,
        Ready,
        Answer,
        LateAnswer,
        NoAnswer,
        End,
    }

    /// <summary>Asks, and waits for the answer.</summary>
    /// <param name="question">What.</param>
    /// <param name="started">Since when its packet waits (<see cref="Stopwatch.GetTimestamp"/>): no packet waits longer than an answer may take, however many are before it.</param>
    /// <param name="end">Ends the wait.</param>
    /// <returns>The answer; or one that says why there is none.</returns>
    public DecryptionAnswer Ask(DecryptionQuestion question, long started, WakeEvent end)
    {
        if (Left(started) <= TimeSpan.Zero)
        {
            return Failed("the decryptor was busy for too long");
        }

        using PollSet events = new(descriptor, end.Descriptor);
        ListenToWhatWaits(events, started);
        if (_isSilent)
        {
            return Failed("the decryptor does not answer");
        }

        _number = _number == uint.MaxValue ? 1 : _number + 1;
        byte[] message = NumberedMessage.Write(_number, question.ToBytes());
        bool isToBeAsked = _isReady;
        for (int attempts = 0; ;)
        {
            if (isToBeAsked && attempts++ == MaxAttempts)
            {
                return Failed("the decryptor has ended over it");
            }

            if (isToBeAsked && !descriptor.TrySend(message, out Errno error))
            {
                return Failed($"the decryptor cannot be asked: {error.Text}");
            }

            Heard heard = Listen(events, Left(started), out DecryptionAnswer? answer);
            isToBeAsked = heard == Heard.Ready;
            switch (heard)
            {
                case Heard.Answer:
                    return answer!;
                case Heard.Nothing:
                    _isSilent = true;
                    return Failed("the decryptor does not answer");
                case Heard.NoAnswer:
                    return Failed("the decryptor sent something that is no answer");
                case Heard.End:
                    return Failed("the decryptor is gone");
            }
        }
    }

    public void Dispose() => descriptor.Dispose();

    private static DecryptionAnswer Failed(string why) => new(Rejection.GpgmeDecryptFailed, why, null);

    /// <summary>What was said since the last question: answers that came too late, and that another decryptor has begun.</summary>
    private void ListenToWhatWaits(PollSet events, long started)
    {
        while (Left(started) > TimeSpan.Zero && Listen(events, TimeSpan.Zero, out DecryptionAnswer? late) is not (Heard.Nothing or Heard.End))
        {
            late?.Dispose();
        }
    }

    private TimeSpan Left(long started) => patience - Stopwatch.GetElapsedTime(started);

    /// <summary>One message, or none in the time that is left.</summary>
    private Heard Listen(PollSet events, TimeSpan wait, out DecryptionAnswer? answer)
    {
        answer = null;
        if (wait < TimeSpan.Zero || !events.Wait(wait) || events.IsReady(EndIndex) || !events.IsReady(0))
        {
            return Heard.Nothing;
        }

        if (!descriptor.TryRead(_buffer, out int length, out _) || length == 0)
        {
            return Heard.End;
        }

        _isSilent = false;
        Span<byte> bytes = _buffer.AsSpan(0, length);
        Heard heard = !NumberedMessage.TryRead(bytes, out uint number, out ReadOnlySpan<byte> content) ? Heard.NoAnswer
            : number == 0 ? Heard.Ready
            : number != _number ? Heard.LateAnswer
            : DecryptionAnswer.TryRead(content, out answer) ? Heard.Answer
            : Heard.NoAnswer;
        bytes.Clear();
        _isReady |= heard == Heard.Ready;
        return heard;
    }
}
