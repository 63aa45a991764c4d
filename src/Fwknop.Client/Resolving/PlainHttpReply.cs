using System.Buffers.Text;
using System.Globalization;
using System.Text;

namespace Fwknop.Client;

/// <summary>
/// An answer of HTTP/1.0 or 1.1 as it came from the network, taken apart. Chunked bodies are put together (the reference fails on
/// them, client.md 19, no. 28).
/// </summary>
internal sealed record PlainHttpReply
{
    /// <summary>From the status line; 0 when there is none.</summary>
    public required int Status { get; init; }

    /// <summary>Everything up to the blank line and including it.</summary>
    public required byte[] Header { get; init; }

    public required byte[] Body { get; init; }

    /// <summary>The header's Date.</summary>
    public DateTimeOffset? Date { get; init; }

    /// <returns>Null when the header has no end.</returns>
    public static PlainHttpReply? Parse(ReadOnlySpan<byte> bytes)
    {
        int end = bytes.IndexOf("\r\n\r\n"u8);
        if (end < 0)
        {
            return null;
        }

        ReadOnlySpan<byte> body = bytes[(end + 4)..];
        string[] lines = Encoding.ASCII.GetString(bytes[..end]).Split("\r\n");
        bool isChunked = Field(lines, "Transfer-Encoding")?.EndsWith("chunked", StringComparison.OrdinalIgnoreCase) == true;
        return new PlainHttpReply
        {
            Status = StatusOf(lines[0]),
            Header = bytes[..(end + 4)].ToArray(),
            Body = isChunked ? Join(body) : body.ToArray(),
            Date = DateTimeOffset.TryParseExact(
                Field(lines, "Date"), "r", CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out DateTimeOffset date) ? date : null,
        };
    }

    // HTTP-Version SP 3DIGIT SP reason (RFC 9112, 4)
    private static int StatusOf(string line)
    {
        string[] words = line.Split(' ');
        return words.Length >= 2 && words[0].StartsWith("HTTP/", StringComparison.Ordinal) && words[1].Length == 3
            && int.TryParse(words[1], NumberStyles.None, CultureInfo.InvariantCulture, out int status) ? status : 0;
    }

    private static string? Field(string[] lines, string name)
    {
        string? line = Array.Find(lines, line => line.StartsWith(name + ":", StringComparison.OrdinalIgnoreCase));
        return line?[(name.Length + 1)..].Trim();
    }

    // chunk = 1*HEXDIG [ ";" ... ] CRLF data CRLF; a chunk of size 0 ends the body (RFC 9112, 7.1). What is malformed ends it too.
    private static byte[] Join(ReadOnlySpan<byte> chunks)
    {
        List<byte> body = [];
        while (Utf8Parser.TryParse(chunks, out uint size, out _, 'X') && size > 0)
        {
            int start = chunks.IndexOf("\r\n"u8) + 2;
            if (start < 2 || size > chunks.Length - start)
            {
                break;
            }

            body.AddRange(chunks.Slice(start, (int)size));
            chunks = chunks[(start + (int)size)..];
            chunks = chunks.StartsWith("\r\n"u8) ? chunks[2..] : [];
        }

        return [.. body];
    }
}
