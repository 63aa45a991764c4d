using Fwknop.Grants;
using Fwknop.Listener.Capture;
using Fwknop.Listener.Decryption;
using Fwknop.Native.Libc;
using Fwknop.Protocol;
using Fwknop.TestSupport;

namespace Fwknop.Listener.Tests.Decryption;

/// <summary>Packets that wait for a decryptor, whatever that one does.</summary>
public sealed class DecryptionLaneTests : IDisposable
{
    private readonly SocketPair _sockets = SocketPair.Create();
    private readonly WakeEvent _wake = new();
    private readonly KeyringPlace _place;
    private readonly DecryptionLane _lane;

    public DecryptionLaneTests()
    {
        _place = new KeyringPlace(_sockets.First.Number, 3);
        _lane = new DecryptionLane([_place], _wake);

        // The lane owns its end.
        _sockets.First.SetHandleAsInvalid();
    }

    public void Dispose()
    {
        _lane.Dispose();
        _sockets.Dispose();
        _wake.Dispose();
    }

    [Fact]
    public void Gives_packets_back_with_their_answers()
    {
        Assert.Equal(Outcome.AwaitsDecryption, _lane.Add(Packet(1)));
        Assert.True(_lane.HasPackets);
        Assert.Equal((3, 1), (Hear(out byte[] message), message[0]));
        Say(new DecryptionAnswer(Rejection.GpgmeDecryptFailed, "No secret key", null).ToBytes());
        PendingPacket done = Take();
        Assert.Equal("No secret key", Assert.Single(done.Tasks).Answer!.ErrorText);
        Assert.Equal((1, 10_000), (done.Datagram.Payload[0], done.Datagram.SourcePort));
        Assert.False(_lane.HasPackets);
    }

    [Fact]
    public void Keeps_a_packet_once()
    {
        Assert.Equal(Outcome.AwaitsDecryption, _lane.Add(Packet(1)));
        Assert.Equal(Outcome.SecondSight, _lane.Add(Packet(1)));
        Hear(out _);
        Say(new DecryptionAnswer(Rejection.GpgmeDecryptFailed, "", null).ToBytes());
        Take();

        Assert.False(_lane.HasPackets);
        Assert.False(_lane.TryTake(out _));
    }

    [Fact]
    public void Leaves_out_what_has_no_room()
    {
        int added = 0;
        Outcome outcome;
        while ((outcome = _lane.Add(Packet((byte)added))) == Outcome.AwaitsDecryption)
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
        while (_lane.Add(Packet(number)) == Outcome.AwaitsDecryption)
        {
            number++;
        }

        // The worker has taken one, and asks for it.
        Hear(out _);
        Assert.Equal(Outcome.AwaitsDecryption, _lane.Add(Packet(200, isVouchedFor: true)));
        Say(new DecryptionAnswer(Rejection.GpgmeDecryptFailed, "", null).ToBytes());
        Hear(out byte[] next);
        Assert.Equal(200, next[0]);
    }

    [Theory]
    [InlineData("", "the decryptor is gone")]
    [InlineData("no answer", "the decryptor sent something that is no answer")]
    public void Tells_of_a_decryptor_that_fails(string said, string expected)
    {
        _lane.Add(Packet(1));
        Hear(out _);
        if (said.Length == 0)
        {
            _sockets.Second.Dispose();
        }
        else
        {
            Say(System.Text.Encoding.ASCII.GetBytes(said));
        }

        Deadline.WaitUntil(() => _lane.Failure is not null, TimeSpan.FromSeconds(10), "the lane fails");
        Assert.Equal(expected, _lane.Failure);
    }

    private int Hear(out byte[] message)
    {
        byte[] bytes = new byte[DecryptionQuestion.MaxSize];
        Assert.True(_sockets.Second.TryRead(bytes, out int length, out _));
        Assert.True(DecryptionQuestion.TryRead(bytes.AsSpan(0, length), out DecryptionQuestion? question));
        message = question.Message;
        return question.Keyring;
    }

    private void Say(byte[] bytes) => Assert.True(_sockets.Second.TryWriteAll(bytes, out _));

    private PendingPacket Take()
    {
        PendingPacket? done = null;
        Deadline.WaitUntil(() => _lane.TryTake(out done), TimeSpan.FromSeconds(10), "a packet is done");
        return done!;
    }

    private PendingPacket Packet(byte number, bool isVouchedFor = false) => new(
        new Datagram { Payload = new[] { number }, SourcePort = 10_000 },
        DateTimeOffset.UnixEpoch,
        [new DecryptionTask(_place, [number]) { IsVouchedFor = isVouchedFor }]);
}
