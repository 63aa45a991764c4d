using System.Text;
using System.Text.Unicode;

namespace Fwknop.Configuration.Files;

/// <summary>Turns bytes of a file into text for messages: nothing that moves a terminal's cursor, nothing endless.</summary>
internal static class Printable
{
    private const int MaxLength = 200;

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
        string? text = Utf8.IsValid(bytes) ? Encoding.UTF8.GetString(bytes) : null;
        return text?.Any(letter => letter != '\t' && char.IsControl(letter)) == true ? null : text;
    }
}
