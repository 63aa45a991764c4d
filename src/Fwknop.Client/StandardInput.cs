using System.Text;
using Fwknop.Native.Libc;

namespace Fwknop.Client;

/// <summary>Standard input, read no further than asked: what follows a line may be a key for somebody else.</summary>
internal static class StandardInput
{
    // Our choice: an answer is a word.
    private const int MaxLine = 4096;

    /// <returns>A line without its newline; null at the end.</returns>
    public static string? ReadLine()
    {
        using Descriptor input = Descriptor.BorrowStandard(0);
        List<byte> line = [];
        bool isRead = false;
        while (input.TryReadByte(out int value, out _) && value >= 0)
        {
            isRead = true;
            if (value == '\n')
            {
                break;
            }

            if (line.Count < MaxLine)
            {
                line.Add((byte)value);
            }
        }

        return isRead ? Encoding.UTF8.GetString([.. line]) : null;
    }
}
