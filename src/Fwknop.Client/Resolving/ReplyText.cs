using System.Text;

namespace Fwknop.Client;

/// <summary>What a stranger sent, for messages: nothing in it moves the cursor or changes colours.</summary>
internal static class ReplyText
{
    private const int MaxLine = 40;

    /// <summary>All of it, with its ends of lines.</summary>
    public static string Whole(ReadOnlySpan<byte> bytes) => Mask(Encoding.Latin1.GetChars(bytes.ToArray()));

    /// <summary>A text that quotes the answer.</summary>
    public static string Printable(string text) => Mask(text.ToCharArray());

    /// <summary>The begin of the first line.</summary>
    public static string FirstLine(ReadOnlySpan<byte> bytes)
    {
        int end = bytes.IndexOfAny((byte)'\r', (byte)'\n');
        ReadOnlySpan<byte> line = end < 0 ? bytes : bytes[..end];
        return Whole(line[..Math.Min(line.Length, MaxLine)]);
    }

    private static string Mask(char[] text)
    {
        for (int i = 0; i < text.Length; i++)
        {
            bool endsLine = text[i] == '\n' || (text[i] == '\r' && i + 1 < text.Length && text[i + 1] == '\n');
            if (!endsLine && !char.IsBetween(text[i], ' ', '~'))
            {
                text[i] = '?';
            }
        }

        return new string(text);
    }
}
