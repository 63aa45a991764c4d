using System.Text;
using Fwknop.Configuration.Files;

namespace Fwknop.Client;

/// <summary>Standard input, read no further than asked: what follows a line may be a key for somebody else.</summary>
internal static class StandardInput
{
    // Our choice: an answer is a word.
    private const int MaxLine = 4096;

    // And no answer at all is this long.
    private const int MaxRead = 64 * 1024;

    /// <returns>A line without its newline; null at the end.</returns>
    public static string? ReadLine(Stream input)
    {
        List<byte> line = [];
        bool isRead = false;
        for (int length = 0; length < MaxRead && TryRead(input, out byte value); length++)
        {
            isRead = true;
            if (value == '\n')
            {
                break;
            }

            if (line.Count < MaxLine)
            {
                line.Add(value);
            }
        }

        return isRead ? Encoding.UTF8.GetString([.. line]) : null;
    }

    private static bool TryRead(Stream input, out byte value)
    {
        Span<byte> next = stackalloc byte[1];
        try
        {
            bool isRead = input.Read(next) > 0;
            value = next[0];
            return isRead;
        }
        catch (Exception e) when (FileError.IsFileError(e))
        {
            value = 0;
            return false;
        }
    }
}
