namespace Fwknop.Configuration.Access;

/// <summary>Base32 (RFC 4648, section 6), the form in which authenticator programs take a secret.</summary>
internal static class Base32
{
    private const int BitsOfLetter = 5;

    /// <summary>Decodes letters of either case; blanks and hyphens between them are skipped. Bits that make no whole byte are dropped.</summary>
    /// <param name="text">Without the <c>=</c> at the end.</param>
    /// <param name="bytes">At least as long as the text.</param>
    /// <param name="length">How many bytes were decoded.</param>
    /// <returns>False for other characters, and for a number of letters that no encoder makes.</returns>
    public static bool TryDecode(ReadOnlySpan<byte> text, Span<byte> bytes, out int length)
    {
        length = 0;
        int letters = 0;
        int bits = 0;
        int value = 0;
        foreach (byte letter in text)
        {
            if (letter is (byte)' ' or (byte)'-')
            {
                continue;
            }

            int digit = letter switch
            {
                >= (byte)'A' and <= (byte)'Z' => letter - 'A',
                >= (byte)'a' and <= (byte)'z' => letter - 'a',
                >= (byte)'2' and <= (byte)'7' => letter - '2' + 26,
                _ => -1,
            };
            if (digit < 0)
            {
                return false;
            }

            letters++;
            value = ((value << BitsOfLetter) | digit) & 0xFFF;
            bits += BitsOfLetter;
            if (bits >= 8)
            {
                bits -= 8;
                bytes[length++] = (byte)(value >> bits);
            }
        }

        return letters % 8 is 0 or 2 or 4 or 5 or 7;
    }
}
