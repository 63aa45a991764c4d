using Fwknop.Grants;
using Fwknop.Listener.Capture;
using Fwknop.Listener.DecryptionQueue;
using Fwknop.Native.Libc;
using Fwknop.Protocol;
using Fwknop.TestSupport;

namespace Fwknop.Listener.Tests.DecryptionQueue;

/// <summary>Packets that wait for a decryptor, whatever that one does.</summary>
public sealed class DecryptionLanesTests : IDisposable
{
    private readonly SocketPair _sockets = SocketPair.Create();
    private readonly SocketPair _others = SocketPair.Create();
    private readonly WakeEvent _wake = new();
    private readonly KeyringPlace _place;
    private readonly KeyringPlace _otherPlace;
    private readonly DecryptionLanes _lanes;
    private uint _asked;

    public DecryptionLanesTests()
    {
        _place = new KeyringPlace(_sockets.First.Number, 3);
        _otherPlace = new KeyringPlace(_others.First.Number, 0);
        _lanes = new DecryptionLanes(new DecryptorSockets([_place, _otherPlace], TimeSpan.FromSeconds(60)), _wake);

        // The sockets own their ends.
        _sockets.First.SetHandleAsInvalid();
        _others.First.SetHandleAsInvalid();
        Assert.True(_sockets.Second.TrySend(NumberedMessage.Ready, out _));
        Assert.True(_others.Second.TrySend(NumberedMessage.Ready, out _));
    }

    public void Dispose()
    {
        _lanes.Dispose();
        _sockets.Dispose();
        _others.Dispose();
        _wake.Dispose();
    }

    [Fact]
    public void Gives_packets_back_with_their_answers()
    {
        Assert.Equal(Outcome.AwaitsDecryption, _lanes.Add(Packet(1)));
        Assert.True(_lanes.HasPackets);
        Assert.Equal((3, 1), (Hear(out byte[] message), message[0]));
        Say(Failure("No secret key"));
        PendingPacket done = Take();
        Assert.Equal("No secret key", Assert.Single(done.Tasks).Answer!.ErrorText);
        Assert.Equal((1, 10_000), (done.Datagram.Payload[0], done.Datagram.SourcePort));
        Assert.False(_lanes.HasPackets);
    }

    [Fact]
    public void Keeps_a_packet_once()
    {
        Assert.Equal(Outcome.AwaitsDecryption, _lanes.Add(Packet(1)));
        Assert.Equal(Outcome.SecondSight, _lanes.Add(Packet(1)));
        Hear(out _);
        Say(Failure(""));
        Take();

        Assert.False(_lanes.HasPackets);
        Assert.False(_lanes.TryTake(out _));
    }

    [Fact]
    public void Leaves_out_what_has_no_room()
    {
        int added = 0;
        Outcome outcome;
        while ((outcome = _lanes.Add(Packet((byte)added))) == Outcome.AwaitsDecryption)
        {
            added++;
        }

        Assert.Equal(Outcome.TooManyWait, outcome);

        // One may be on its way to the decryptor.
        Assert.InRange(added, DecryptionLane.Capacity, DecryptionLane.Capacity + 1);
    }

    /// <summary>Without an HMAC anybody can fill the lane, and keep gpg busy with each packet for as long as it may run.</summary>
    [Fact]
    public void Has_room_for_what_an_HMAC_vouches_for_and_asks_for_it_first()
    {
        byte number = 0;
        while (_lanes.Add(Packet(number)) == Outcome.AwaitsDecryption)
        {
            number++;
        }

        // The worker has taken one, and asks for it.
        Hear(out _);
        Assert.Equal(Outcome.AwaitsDecryption, _lanes.Add(Packet(200, isVouchedFor: true)));
        Say(Failure(""));
        Hear(out byte[] next);
        Assert.Equal(200, next[0]);
    }

    [Fact]
    public void A_decryptor_that_does_not_answer_holds_up_no_other()
    {
        _lanes.Add(Packet(1));
        _lanes.Add(Packet(2, place: _otherPlace));
        Hear(out _, _others);
        Say(Failure("No secret key"), _others);

        Assert.Equal(2, Take().Datagram.Payload[0]);
        Assert.True(_lanes.HasPackets);
    }

    [Fact]
    public void A_packet_for_two_decryptors_is_done_when_both_have_answered()
    {
        _lanes.Add(new PendingPacket(new Datagram { Payload = new byte[] { 1 } }, DateTimeOffset.UnixEpoch, [new DecryptionTask(_place, [1]), new DecryptionTask(_otherPlace, [1])]));
        Hear(out _);
        Say(Failure("one"));
        Hear(out _, _others);
        Assert.False(_lanes.TryTake(out _));
        Say(Failure("other"), _others);

        Assert.Equal(["one", "other"], Take().Tasks.Select(task => task.Answer!.ErrorText));
    }

    /// <summary>Without an HMAC every packet is for all keyrings.</summary>
    [Fact]
    public void A_lane_without_room_takes_no_packet_from_another()
    {
        byte number = 0;
        while (_lanes.Add(Packet(number)) == Outcome.AwaitsDecryption)
        {
            number++;
        }

        PendingPacket both = new(new Datagram { Payload = new byte[] { 200 } }, DateTimeOffset.UnixEpoch, [new DecryptionTask(_place, [1]), new DecryptionTask(_otherPlace, [1])]);
        Assert.Equal(Outcome.AwaitsDecryption, _lanes.Add(both));
        Hear(out _, _others);
        Say(Failure("other"), _others);

        Assert.Equal(["too many packets wait for the decryptor", "other"], Take().Tasks.Select(task => task.Answer!.ErrorText));
    }

    private static byte[] Failure(string text) => new DecryptionAnswer(Rejection.GpgmeDecryptFailed, text, null).ToBytes();

    private int Hear(out byte[] message, SocketPair? sockets = null)
    {
        byte[] bytes = new byte[NumberedMessage.Header + DecryptionQuestion.MaxSize];
        Assert.True((sockets ?? _sockets).Second.TryRead(bytes, out int length, out _));
        Assert.True(NumberedMessage.TryRead(bytes.AsSpan(0, length), out _asked, out ReadOnlySpan<byte> content));
        Assert.True(DecryptionQuestion.TryRead(content, out DecryptionQuestion? question));
        message = question.Message;
        return question.Keyring;
    }

    private void Say(byte[] answer, SocketPair? sockets = null) => Assert.True((sockets ?? _sockets).Second.TryWriteAll(NumberedMessage.Write(_asked, answer), out _));

    private PendingPacket Take()
    {
        PendingPacket? done = null;
        Deadline.WaitUntil(() => _lanes.TryTake(out done), TimeSpan.FromSeconds(10), "a packet is done");
        return done!;
    }

    private PendingPacket Packet(byte number, bool isVouchedFor = false, KeyringPlace? place = null) => new(
        new Datagram { Payload = new[] { number }, SourcePort = 10_000 },
        DateTimeOffset.UnixEpoch,
        [new DecryptionTask(place ?? _place, [number]) { IsVouchedFor = isVouchedFor }]);
}
