using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using Fwknop.Protocol;

namespace Fwknop.Grants;

/// <summary>
/// What the listener asks a decryptor, as one message of their socket.
/// <code>
/// keyring 2 ‖ OpenPGP message
/// </code>
/// Integers are big-endian.
/// </summary>
/// <param name="Keyring">Which (<see cref="KeyringPlace.Keyring"/>).</param>
/// <param name="Message">The OpenPGP message, binary; hostile.</param>
public sealed record DecryptionQuestion(ushort Keyring, byte[] Message)
{
    /// <summary>Bytes of the longest question: the text of a packet is base64.</summary>
    public const int MaxSize = Header + ((Limits.MaxText + 3) / 4 * 3);

    private const int Header = 2;

    /// <summary>Writes it.</summary>
    public byte[] ToBytes()
    {
        byte[] bytes = new byte[Header + Message.Length];
        BinaryPrimitives.WriteUInt16BigEndian(bytes, Keyring);
        Message.CopyTo(bytes, Header);
        return bytes;
    }

    /// <summary>Reads one.</summary>
    /// <param name="bytes">One message of the socket.</param>
    /// <param name="question">The question, or null.</param>
    public static bool TryRead(ReadOnlySpan<byte> bytes, [NotNullWhen(true)] out DecryptionQuestion? question)
    {
        question = bytes.Length is > Header and <= MaxSize
            ? new DecryptionQuestion(BinaryPrimitives.ReadUInt16BigEndian(bytes), bytes[Header..].ToArray())
            : null;
        return question is not null;
    }
}
