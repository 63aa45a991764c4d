namespace Fwknop.Client;

/// <summary>Key files: one <c>destination: key</c> per line (client.md 8.3).</summary>
internal static class KeyFile
{
    /// <summary>Finds the key of a destination; the last matching line counts.</summary>
    /// <param name="content">The whole file.</param>
    /// <param name="destination">The <c>-D</c> text, byte for byte.</param>
    /// <returns>The key: the rest of the line, blanks and CR included. Empty when there is none.</returns>
    public static ReadOnlySpan<byte> Find(ReadOnlySpan<byte> content, ReadOnlySpan<byte> destination)
    {
        ReadOnlySpan<byte> key = default;
        while (!content.IsEmpty)
        {
            int end = content.IndexOf((byte)'\n');
            ReadOnlySpan<byte> line = end < 0 ? content : content[..end];
            content = end < 0 ? default : content[(end + 1)..];

            line = line.TrimStart(" \t="u8);
            bool isEntry = !line.IsEmpty && line[0] is not ((byte)'#' or (byte)';')
                && line.StartsWith(destination) && line[destination.Length..].StartsWith(":"u8);
            if (isEntry)
            {
                key = line[(destination.Length + 1)..].TrimStart(" \t="u8);
            }
        }

        return key;
    }
}
