using System.Buffers.Binary;

namespace Fwknop.OpenPgp;

/// <summary>
/// Who can read an encrypted OpenPGP message: one packet for each key or passphrase, then the encrypted data (RFC 4880, 4.2, 5.1, 5.3, 11.3).
/// <code>
/// old format: 10tttt00 length (1)   10tttt01 length (2)   10tttt10 length (4)   10tttt11, up to the end
/// new format: 11tttttt and a length: 0-191 | 192-223 + 1 byte | 224-254, a part of 2^n bytes and another length | 255 + 4 bytes
/// </code>
/// </summary>
internal static class OpenPgpMessage
{
    private const int PublicKeySessionKey = 1;
    private const int PassphraseSessionKey = 3;
    private const int EncryptedData = 9;
    private const int ProtectedData = 18;
    private const int AuthenticatedData = 20;

    private const int IsPacket = 0x80;
    private const int IsNewFormat = 0x40;

    /// <summary>Counts the keys and passphrases that a message was encrypted to.</summary>
    /// <returns>False for anything but one whole encrypted message.</returns>
    public static bool TryCountReaders(ReadOnlySpan<byte> message, out int count)
    {
        count = 0;
        while (TryReadTag(ref message, out int tag, out bool isNew, out int lengthType))
        {
            bool isData = tag is EncryptedData or ProtectedData or AuthenticatedData;
            if (isData)
            {
                return count > 0 && (isNew ? TrySkipParts(ref message) : TrySkipOld(ref message, lengthType)) && message.IsEmpty;
            }

            bool isReader = tag is PublicKeySessionKey or PassphraseSessionKey;
            bool isIndefinite = !isNew && lengthType == 3;
            if (!isReader || isIndefinite || !(isNew ? TrySkipNew(ref message, out bool isPart) && !isPart : TrySkipOld(ref message, lengthType)))
            {
                return false;
            }

            count++;
        }

        return false;
    }

    private static bool TryReadTag(ref ReadOnlySpan<byte> rest, out int tag, out bool isNew, out int lengthType)
    {
        int first = rest.IsEmpty ? 0 : rest[0];
        isNew = (first & IsNewFormat) != 0;
        tag = isNew ? first & 0x3f : (first >> 2) & 0x0f;
        lengthType = first & 3;
        rest = rest.IsEmpty ? rest : rest[1..];
        return (first & IsPacket) != 0;
    }

    private static bool TrySkipOld(ref ReadOnlySpan<byte> rest, int lengthType)
    {
        if (lengthType == 3)
        {
            rest = default;
            return true;
        }

        return TrySkip(ref rest, lengthBytes: 1 << lengthType);
    }

    private static bool TrySkipParts(ref ReadOnlySpan<byte> rest)
    {
        bool isPart = true;
        while (isPart)
        {
            if (!TrySkipNew(ref rest, out isPart))
            {
                return false;
            }
        }

        return true;
    }

    private static bool TrySkipNew(ref ReadOnlySpan<byte> rest, out bool isPart)
    {
        isPart = false;
        switch (rest)
        {
            case [< 192, ..]:
                return TrySkip(ref rest, lengthBytes: 1);
            case [< 224, _, ..]:
                return TrySkip(ref rest, headerBytes: 2, (uint)(((rest[0] - 192) << 8) + rest[1] + 192));
            case [255, ..]:
                rest = rest[1..];
                return TrySkip(ref rest, lengthBytes: 4);
            case [>= 224, ..]:
                isPart = true;
                return TrySkip(ref rest, headerBytes: 1, 1u << (rest[0] & 0x1f));
            default:
                return false;
        }
    }

    // The length in as many bytes, most significant first, and what it counts.
    private static bool TrySkip(ref ReadOnlySpan<byte> rest, int lengthBytes)
    {
        if (rest.Length < lengthBytes)
        {
            return false;
        }

        Span<byte> number = stackalloc byte[sizeof(uint)];
        number.Clear();
        rest[..lengthBytes].CopyTo(number[^lengthBytes..]);
        return TrySkip(ref rest, lengthBytes, BinaryPrimitives.ReadUInt32BigEndian(number));
    }

    private static bool TrySkip(ref ReadOnlySpan<byte> rest, int headerBytes, uint bodyBytes)
    {
        if (bodyBytes > (uint)(rest.Length - headerBytes))
        {
            return false;
        }

        rest = rest[(headerBytes + (int)bodyBytes)..];
        return true;
    }
}
