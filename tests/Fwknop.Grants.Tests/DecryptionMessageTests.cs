using Fwknop.Protocol;

namespace Fwknop.Grants.Tests;

/// <summary>What listener and decryptor say to each other. The decryptor has looked at hostile bytes, and the listener at more of them.</summary>
public sealed class DecryptionMessageTests
{
    private const string Fingerprint = "1111222233334444555566667777888899990000";
    private const string Primary = "AAAABBBBCCCCDDDDEEEEFFFF0000111122223333";

    [Fact]
    public void A_question_arrives_as_it_was_asked()
    {
        Assert.True(DecryptionQuestion.TryRead(new DecryptionQuestion(513, [1, 2, 3]).ToBytes(), out DecryptionQuestion? read));
        Assert.Equal((513, "010203"), (read!.Keyring, Convert.ToHexString(read.Message)));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(2)]
    [InlineData(DecryptionQuestion.MaxSize + 1)]
    public void Nothing_else_is_a_question(int length) => Assert.False(DecryptionQuestion.TryRead(new byte[length], out _));

    [Fact]
    public void The_longest_packet_makes_a_question() =>
        Assert.True(DecryptionQuestion.TryRead(new DecryptionQuestion(0, new byte[Limits.MaxText / 4 * 3]).ToBytes(), out _));

    [Fact]
    public void Plaintext_and_signatures_arrive()
    {
        OpenPgpSignature[] signatures =
        [
            new(Fingerprint, SignatureStatus.Good, SignatureValidity.Full) { PrimaryFingerprint = Primary },
            new("0123456789ABCDEF", SignatureStatus.KeyMissing, SignatureValidity.Unknown),
        ];
        using DecryptionAnswer answer = new(Rejection.None, "", new DecryptedMessage("text"u8, signatures));

        Assert.True(DecryptionAnswer.TryRead(answer.ToBytes(), out DecryptionAnswer? read));

        Assert.Equal("text"u8.ToArray(), read!.Decrypted!.Plaintext.ToArray());
        Assert.Equal(signatures, read.Decrypted.Signatures);
    }

    [Fact]
    public void A_failure_arrives()
    {
        Assert.True(DecryptionAnswer.TryRead(new DecryptionAnswer(Rejection.GpgmeDecryptFailed, "No secret key", null).ToBytes(), out DecryptionAnswer? read));
        Assert.Equal((Rejection.GpgmeDecryptFailed, "No secret key", null), (read!.Why, read.ErrorText, read.Decrypted));
    }

    [Fact]
    public void What_is_too_long_is_cut()
    {
        OpenPgpSignature signature = new(Fingerprint, SignatureStatus.Good, SignatureValidity.Full);
        using DecryptionAnswer answer = new(Rejection.None, "", new DecryptedMessage(new byte[5000], [signature, signature, signature]));
        Assert.True(DecryptionAnswer.TryRead(answer.ToBytes(), out DecryptionAnswer? read));

        // Still too long for a packet, and still more than one.
        Assert.Equal((Limits.MaxText + 1, 2), (read!.Decrypted!.Plaintext.Length, read.Decrypted.Signatures.Count));
        Assert.True(DecryptionAnswer.TryRead(new DecryptionAnswer(Rejection.GpgmeDecryptFailed, new string('x', 999), null).ToBytes(), out read));
        Assert.Equal(DecryptionAnswer.MaxErrorText, read!.ErrorText.Length);
    }

    [Fact]
    public void Nothing_else_is_an_answer()
    {
        using DecryptionAnswer answer = new(Rejection.None, "", new DecryptedMessage("text"u8, [new(Fingerprint, SignatureStatus.Good, SignatureValidity.Full)]));
        byte[] bytes = answer.ToBytes();
        for (int length = 0; length < bytes.Length; length++)
        {
            Assert.False(DecryptionAnswer.TryRead(bytes.AsSpan(0, length), out _));
        }

        Assert.False(DecryptionAnswer.TryRead([.. bytes, 0], out _));
        Assert.False(DecryptionAnswer.TryRead(Changed(0, 0xFF), out _));
        Assert.False(DecryptionAnswer.TryRead(Changed(8, 3), out _));
        Assert.False(DecryptionAnswer.TryRead(Changed(9, 99), out _));
        Assert.False(DecryptionAnswer.TryRead(Changed(10, 99), out _));
        Assert.False(DecryptionAnswer.TryRead(Changed(12, (byte)'\n'), out _));

        byte[] Changed(int index, byte value)
        {
            byte[] changed = [.. bytes];
            changed[index] = value;
            return changed;
        }
    }

    [Fact]
    public void No_bytes_are_too_strange()
    {
        Random random = new(7);
        byte[] bytes = new byte[DecryptionAnswer.MaxSize];
        for (int i = 0; i < 20_000; i++)
        {
            Span<byte> some = bytes.AsSpan(0, random.Next(bytes.Length));
            random.NextBytes(some);
            if (some.Length > 4 && i % 2 == 0)
            {
                (some[0], some[1], some[2], some[3]) = (0, 0, 0, (byte)random.Next(30));
            }

            if (DecryptionAnswer.TryRead(some, out DecryptionAnswer? answer))
            {
                Assert.Equal(some.ToArray(), answer.ToBytes());
            }

            DecryptionQuestion.TryRead(some, out _);
        }
    }
}
