using System.Text;

namespace Fwknop.Configuration.Files;

/// <summary>Turns bytes of a file into text for messages: nothing that moves a terminal's cursor, nothing endless.</summary>
internal static class Printable
{
    private const int MaxLength = 200;

    private static readonly UTF8Encoding StrictUtf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    public static string Text(ReadOnlySpan<byte> bytes)
    {
        bool isLong = bytes.Length > MaxLength;
        char[] text = Encoding.UTF8.GetChars(bytes[..Math.Min(bytes.Length, MaxLength)].ToArray());
        for (int i = 0; i < text.Length; i++)
        {
            if (char.IsControl(text[i]))
            {
                text[i] = '?';
            }
        }

        return new string(text) + (isLong ? "..." : "");
    }

    /// <summary>Decodes a value that must be text.</summary>
    /// <returns>Null when it is not UTF-8 or has control characters other than tab.</returns>
    public static string? Strict(ReadOnlySpan<byte> bytes)
    {
        foreach (byte b in bytes)
        {
            if (b is (< 0x20 and not (byte)'\t') or 0x7F)
            {
                return null;
            }
        }

        try
        {
            return StrictUtf8.GetString(bytes);
        }
        catch (DecoderFallbackException)
        {
            return null;
        }
    }
}
