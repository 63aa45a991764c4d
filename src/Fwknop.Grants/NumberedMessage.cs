using System.Buffers.Binary;

namespace Fwknop.Grants;

/// <summary>
/// One message of the socket between listener and decryptor. An answer has the number of its question: what is answered too late, or by a decryptor that was
/// started anew, is not taken for the answer to something else.
/// <code>
/// number 4 ‖ DecryptionQuestion or DecryptionAnswer; nothing after number 0
/// </code>
/// The number is big-endian.
/// </summary>
public static class NumberedMessage
{
    /// <summary>Bytes in front of the question or answer.</summary>
    public const int Header = 4;

    /// <summary>What a decryptor says when it begins to work: from here on it hears.</summary>
    public static ReadOnlySpan<byte> Ready => [0, 0, 0, 0];

    /// <summary>Writes one.</summary>
    /// <param name="number">Of the question; not 0.</param>
    /// <param name="content">Question or answer.</param>
    public static byte[] Write(uint number, ReadOnlySpan<byte> content)
    {
        byte[] bytes = new byte[Header + content.Length];
        BinaryPrimitives.WriteUInt32BigEndian(bytes, number);
        content.CopyTo(bytes.AsSpan(Header));
        return bytes;
    }

    /// <summary>Reads one.</summary>
    /// <param name="bytes">The message.</param>
    /// <param name="number">Of the question; 0 for <see cref="Ready"/>.</param>
    /// <param name="content">Question or answer; still to be read.</param>
    /// <returns>False for anything that <see cref="Write"/> does not make and that is not <see cref="Ready"/>.</returns>
    public static bool TryRead(ReadOnlySpan<byte> bytes, out uint number, out ReadOnlySpan<byte> content)
    {
        bool hasHeader = bytes.Length >= Header;
        number = hasHeader ? BinaryPrimitives.ReadUInt32BigEndian(bytes) : 0;
        content = hasHeader ? bytes[Header..] : [];
        return hasHeader && content.IsEmpty == (number == 0);
    }
}
