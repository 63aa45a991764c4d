using System.Diagnostics.CodeAnalysis;
using Fwknop.Grants;
using Fwknop.Listener.DecryptionQueue;
using Fwknop.Protocol;

namespace Fwknop.Listener.Tests.DecryptionQueue;

/// <summary>
/// OpenPGP without OpenPGP: the plaintext stands in the message behind the first bytes that packets begin with, and a byte in which equal contents may
/// differ. What the signature is says whoever answers.
/// </summary>
internal sealed class EnclosedOpenPgp(byte variant = 0) : IOpenPgp
{
    private const int Length = 420;
    private const int Header = 5;

    public OpenPgpNames Names { get; } = new(null, null, null, "none");

    public bool TryEncrypt(ReadOnlySpan<byte> plaintext, [NotNullWhen(true)] out byte[]? message, out Rejection why)
    {
        message = new byte[Length];
        byte[] header = [0x85, 0x01, variant, (byte)(plaintext.Length >> 8), (byte)plaintext.Length];
        header.CopyTo(message, 0);
        plaintext.CopyTo(message.AsSpan(Header));
        why = Rejection.None;
        return true;
    }

    public bool TryDecrypt(ReadOnlySpan<byte> message, [NotNullWhen(true)] out DecryptedMessage? decrypted, out Rejection why) =>
        throw new NotSupportedException();

    /// <summary>Answers as a decryptor would.</summary>
    public static void Answer(IReadOnlyList<DecryptionTask> tasks, params IReadOnlyList<OpenPgpSignature> signatures)
    {
        foreach (DecryptionTask task in tasks)
        {
            int length = (task.Message[3] << 8) | task.Message[4];
            task.Answer = new DecryptionAnswer(Rejection.None, "", new DecryptedMessage(task.Message.AsSpan(Header, length), signatures));
        }
    }
}
