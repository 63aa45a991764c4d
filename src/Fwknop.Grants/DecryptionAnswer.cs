using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using System.Text;
using Fwknop.Protocol;

namespace Fwknop.Grants;

/// <summary>
/// What a decryptor answers to a <see cref="DecryptionQuestion"/>, as one message of their socket. It has looked at hostile bytes, so that nothing in the
/// answer is believed but by what the stanza's HMAC and the packet's own digest vouch for.
/// <code>
/// reason 2 (0: decrypted; else a Rejection) ‖ length 2 ‖ plaintext, or gpg's words for the failure
/// ‖ signatures 1 ‖ for each: status 1 ‖ validity 1 ‖ length 1 ‖ fingerprint ‖ length 1 ‖ fingerprint of the primary key
/// </code>
/// Integers are big-endian, text is ASCII.
/// </summary>
/// <param name="Why"><see cref="Rejection.None"/> when it is decrypted.</param>
/// <param name="ErrorText">gpg's words for a failure, at most <see cref="MaxErrorText"/> characters.</param>
/// <param name="Decrypted">What was in the message, or null.</param>
public sealed record DecryptionAnswer(Rejection Why, string ErrorText, DecryptedMessage? Decrypted) : IDisposable
{
    /// <summary>Bytes of the longest answer.</summary>
    public const int MaxSize = 4 + MaxPlaintext + 1 + (MaxSignatures * (4 + (2 * MaxFingerprint)));

    /// <summary>Our choice: gpg's reasons are a few words.</summary>
    public const int MaxErrorText = 200;

    // One byte more than a packet may hold tells that it is too long.
    private const int MaxPlaintext = Limits.MaxText + 1;

    // More than one is refused whatever they are (SignaturePolicy).
    private const int MaxSignatures = 2;
    private const int MaxFingerprint = 64;

    /// <summary>Writes it; what is too long is cut.</summary>
    public byte[] ToBytes()
    {
        ReadOnlySpan<byte> text = Decrypted is null ? Encoding.ASCII.GetBytes(ErrorText) : Decrypted.Plaintext;
        text = text[..Math.Min(text.Length, Decrypted is null ? MaxErrorText : MaxPlaintext)];
        Span<byte> bytes = stackalloc byte[MaxSize];
        BinaryPrimitives.WriteUInt16BigEndian(bytes, (ushort)Why);
        BinaryPrimitives.WriteUInt16BigEndian(bytes[2..], (ushort)text.Length);
        text.CopyTo(bytes[4..]);
        int end = 4 + text.Length;
        IReadOnlyList<OpenPgpSignature> signatures = Decrypted?.Signatures ?? [];
        int count = Math.Min(signatures.Count, MaxSignatures);
        bytes[end++] = (byte)count;
        foreach (OpenPgpSignature signature in signatures.Take(count))
        {
            bytes[end++] = (byte)signature.Status;
            bytes[end++] = (byte)signature.Validity;
            end += WriteText(signature.Fingerprint, bytes[end..]);
            end += WriteText(signature.PrimaryFingerprint ?? "", bytes[end..]);
        }

        byte[] answer = bytes[..end].ToArray();
        bytes.Clear();
        return answer;
    }

    /// <summary>Reads one. The caller disposes of it.</summary>
    /// <param name="bytes">One message of the socket.</param>
    /// <param name="answer">The answer, or null for anything that <see cref="ToBytes"/> does not make.</param>
    public static bool TryRead(ReadOnlySpan<byte> bytes, [NotNullWhen(true)] out DecryptionAnswer? answer)
    {
        answer = null;
        if (bytes.Length is < 5 or > MaxSize)
        {
            return false;
        }

        Rejection why = (Rejection)BinaryPrimitives.ReadUInt16BigEndian(bytes);
        int length = BinaryPrimitives.ReadUInt16BigEndian(bytes[2..]);
        if (!Enum.IsDefined(why) || length > (why == Rejection.None ? MaxPlaintext : MaxErrorText) || bytes.Length < 4 + length + 1)
        {
            return false;
        }

        ReadOnlySpan<byte> text = bytes.Slice(4, length);
        if (!TryReadSignatures(bytes[(4 + length)..], out List<OpenPgpSignature> signatures) || (why != Rejection.None && signatures.Count > 0))
        {
            return false;
        }

        answer = why == Rejection.None
            ? new DecryptionAnswer(why, "", new DecryptedMessage(text, signatures))
            : new DecryptionAnswer(why, Encoding.ASCII.GetString(text), null);
        return true;
    }

    /// <summary>Wipes the plaintext.</summary>
    public void Dispose() => Decrypted?.Dispose();

    private static int WriteText(string text, Span<byte> destination)
    {
        int length = Encoding.ASCII.GetBytes(text.AsSpan(0, Math.Min(text.Length, MaxFingerprint)), destination[1..]);
        destination[0] = (byte)length;
        return 1 + length;
    }

    private static bool TryReadSignatures(ReadOnlySpan<byte> rest, out List<OpenPgpSignature> signatures)
    {
        signatures = [];
        int count = rest[0];
        rest = rest[1..];
        if (count > MaxSignatures)
        {
            return false;
        }

        for (int i = 0; i < count; i++)
        {
            if (rest.Length < 2 || !Enum.IsDefined((SignatureStatus)rest[0]) || !Enum.IsDefined((SignatureValidity)rest[1]))
            {
                return false;
            }

            (SignatureStatus status, SignatureValidity validity) = ((SignatureStatus)rest[0], (SignatureValidity)rest[1]);
            rest = rest[2..];
            if (!TryReadText(ref rest, out string fingerprint) || !TryReadText(ref rest, out string primary))
            {
                return false;
            }

            signatures.Add(new OpenPgpSignature(fingerprint, status, validity) { PrimaryFingerprint = primary.Length == 0 ? null : primary });
        }

        return rest.IsEmpty;
    }

    /// <summary>Fingerprints and ids are digits; anything else could forge a log line.</summary>
    private static bool TryReadText(ref ReadOnlySpan<byte> rest, out string text)
    {
        text = "";
        if (rest.IsEmpty || rest[0] > MaxFingerprint || rest.Length < 1 + rest[0])
        {
            return false;
        }

        ReadOnlySpan<byte> digits = rest.Slice(1, rest[0]);
        rest = rest[(1 + rest[0])..];
        text = Encoding.ASCII.GetString(digits);
        return text.All(char.IsAsciiHexDigit);
    }
}
