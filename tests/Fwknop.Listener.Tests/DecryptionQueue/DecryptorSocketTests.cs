using System.Diagnostics;
using System.Text;
using Fwknop.Grants;
using Fwknop.Listener.DecryptionQueue;
using Fwknop.Native.Libc;
using Fwknop.Protocol;

namespace Fwknop.Listener.Tests.DecryptionQueue;

/// <summary>The listener asks decryptors that end, stop, and say what they should not: of each packet something becomes, and the next one is not held up.</summary>
public sealed class DecryptorSocketTests : IDisposable
{
    private const string Silent = "the decryptor does not answer";

    private static readonly TimeSpan Long = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan Short = TimeSpan.FromSeconds(3);

    private readonly SocketPair _sockets = SocketPair.Create();
    private readonly WakeEvent _end = new();

    public void Dispose()
    {
        _end.Dispose();
        _sockets.Dispose();
    }

    [Fact]
    public async Task Asks_one_that_is_not_there_yet_when_it_is()
    {
        DecryptorSocket socket = new(_sockets.First, Long);
        Task<DecryptionAnswer> asking = Ask(socket);
        Say(NumberedMessage.Ready);

        Say(NumberedMessage.Write(Hear(), Answer("first")));

        Assert.Equal("first", (await asking).ErrorText);
    }

    /// <summary>The next decryptor has the same end of the socket, and may find a question in it or not.</summary>
    [Fact]
    public async Task Asks_the_next_one_again()
    {
        DecryptorSocket socket = new(_sockets.First, Long);
        Say(NumberedMessage.Ready);
        Task<DecryptionAnswer> asking = Ask(socket);
        uint taken = Hear();
        Say(NumberedMessage.Ready);
        Assert.Equal(taken, Hear());
        Say(NumberedMessage.Write(taken, Answer("second")));

        Assert.Equal("second", (await asking).ErrorText);
    }

    [Fact]
    public async Task Gives_up_a_question_that_two_have_ended_over()
    {
        DecryptorSocket socket = new(_sockets.First, Long);
        Say(NumberedMessage.Ready);
        Task<DecryptionAnswer> asking = Ask(socket);
        Hear();
        Say(NumberedMessage.Ready);
        Hear();
        Say(NumberedMessage.Ready);

        Assert.Equal("the decryptor has ended over it", (await asking).ErrorText);
    }

    [Fact]
    public async Task Waits_once_for_one_that_is_stopped_until_it_says_something()
    {
        DecryptorSocket socket = new(_sockets.First, Short);
        Say(NumberedMessage.Ready);
        Assert.Equal(Silent, (await Ask(socket)).ErrorText);
        uint late = Hear();

        // The second is not even asked; it would be heard below.
        Assert.Equal(Silent, (await Ask(socket)).ErrorText);
        Say(NumberedMessage.Write(late, Answer("too late")));
        Task<DecryptionAnswer> asking = Ask(socket);
        uint next = Hear();
        Assert.NotEqual(late, next);
        Say(NumberedMessage.Write(next, Answer("in time")));
        Assert.Equal("in time", (await asking).ErrorText);
    }

    [Fact]
    public async Task Takes_no_answer_for_another()
    {
        DecryptorSocket socket = new(_sockets.First, Long);
        Say(NumberedMessage.Ready);
        Task<DecryptionAnswer> asking = Ask(socket);
        uint number = Hear();
        Say(NumberedMessage.Write(number + 1, Answer("to something else")));
        Say(NumberedMessage.Write(number, Answer("to this")));

        Assert.Equal("to this", (await asking).ErrorText);
    }

    [Fact]
    public async Task Tells_of_what_is_no_answer()
    {
        DecryptorSocket socket = new(_sockets.First, Long);
        Say(NumberedMessage.Ready);
        Task<DecryptionAnswer> asking = Ask(socket);
        Say(NumberedMessage.Write(Hear(), Encoding.ASCII.GetBytes("no answer")));

        Assert.Equal("the decryptor sent something that is no answer", (await asking).ErrorText);
    }

    [Fact]
    public async Task Tells_that_the_other_end_is_closed()
    {
        DecryptorSocket socket = new(_sockets.First, Long);
        _sockets.Second.Dispose();
        Assert.Equal("the decryptor is gone", (await Ask(socket)).ErrorText);
    }

    /// <summary>One that says something but never reads.</summary>
    [Fact]
    public async Task Waits_for_no_room_in_the_socket()
    {
        DecryptorSocket socket = new(_sockets.First, Long);
        Say(NumberedMessage.Ready);
        Descriptor first = _sockets.First;
        byte[] filler = new byte[DecryptionQuestion.MaxSize];
        while (first.TrySend(filler, out _))
        {
        }

        Assert.StartsWith("the decryptor cannot be asked: ", (await Ask(socket)).ErrorText, StringComparison.Ordinal);
    }

    /// <summary>One that answers each packet as late as it may would else hold up, many times as long, packets that are for another decryptor as well.</summary>
    [Fact]
    public async Task A_packet_that_has_waited_for_others_too_long_is_not_asked_for()
    {
        DecryptorSocket socket = new(_sockets.First, Short);
        Say(NumberedMessage.Ready);
        long queued = Stopwatch.GetTimestamp() - (long)(Short.TotalSeconds * Stopwatch.Frequency);

        Assert.Equal("the decryptor was busy for too long", socket.Ask(new DecryptionQuestion(0, [2]), queued, _end).ErrorText);
        Task<DecryptionAnswer> asking = Ask(socket);
        Say(NumberedMessage.Write(Hear(), Answer("in time")));
        Assert.Equal("in time", (await asking).ErrorText);
    }

    /// <summary>One that never stops talking would put it off.</summary>
    [Fact]
    public void At_the_end_nothing_is_heard_and_nothing_asked()
    {
        DecryptorSocket socket = new(_sockets.First, Long);
        Say(NumberedMessage.Ready);
        _end.Set();

        Assert.Equal(Silent, socket.Ask(new DecryptionQuestion(0, [1]), Stopwatch.GetTimestamp(), _end).ErrorText);
        using PollSet asked = new(_sockets.Second);
        Assert.False(asked.Wait(TimeSpan.Zero));
    }

    private static byte[] Answer(string text) => new DecryptionAnswer(Rejection.GpgmeDecryptFailed, text, null).ToBytes();

    private Task<DecryptionAnswer> Ask(DecryptorSocket socket) => Task.Run(() => socket.Ask(new DecryptionQuestion(0, [1]), Stopwatch.GetTimestamp(), _end));

    private uint Hear()
    {
        byte[] bytes = new byte[NumberedMessage.Header + DecryptionQuestion.MaxSize];
        Assert.True(_sockets.Second.TryRead(bytes, out int length, out _));
        Assert.True(NumberedMessage.TryRead(bytes.AsSpan(0, length), out uint number, out _));
        return number;
    }

    private void Say(ReadOnlySpan<byte> bytes) => Assert.True(_sockets.Second.TryWriteAll(bytes, out _));
}
