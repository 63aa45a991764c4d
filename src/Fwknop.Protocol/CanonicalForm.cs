namespace Fwknop.Protocol;

/// <summary>
/// The one place in which this library is stricter than the reference's decoder (protocol.md 14). The reference reads several
/// spellings of the same content, and its replay check compares spellings: whoever records a packet without HMAC can send it again
/// in another one. Here each content has exactly one spelling, that of the encoders, so the text identifies what was authenticated.
/// Refused: the constant prefix left on; <c>=</c> and leftover bits in any base64; a first character whose high bits are not those
/// of the label; plaintext without valid PKCS#7 padding; numbers that are not plain decimal; NUL bytes and empty optional fields.
/// Still accepted, because reference encoders produce it: addresses and ports with leading zeros, any printable version text, any
/// filling of server_auth. In OpenPGP packets also any random value of 16 and more bytes: who can alter it can make whole packets.
/// </summary>
internal static class CanonicalForm
{
    /// <summary>Plain decimal: digits only, no leading zero, at most <paramref name="max"/>.</summary>
    public static bool TryReadNumber(ReadOnlySpan<byte> text, int max, out int value)
    {
        value = 0;
        if (text.IsEmpty || text.Length > 10 || (text.Length > 1 && text[0] == (byte)'0'))
        {
            return false;
        }

        long number = 0;
        foreach (byte digit in text)
        {
            if (!char.IsAsciiDigit((char)digit))
            {
                return false;
            }

            number = (number * 10) + (digit - '0');
        }

        value = (int)Math.Min(number, int.MaxValue);
        return number <= max;
    }

    /// <summary>Length of the plaintext before its PKCS#7 padding, or -1 when the padding is not valid (protocol.md 4.3).</summary>
    public static int UnpaddedLength(ReadOnlySpan<byte> padded)
    {
        int padding = padded[^1];
        bool valid = padding is >= 1 and <= Limits.Block && !padded[^padding..].ContainsAnyExcept((byte)padding);
        return valid ? padded.Length - padding : -1;
    }
}
