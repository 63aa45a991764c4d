using Fwknop.Grants;

namespace Fwknop.Daemon.Listening;

/// <summary>
/// Lines of a process that may have been taken over: of a line without an end, the start is kept and the rest dropped, so that it costs no memory.
/// </summary>
internal sealed class BoundedLines(TextReader reader)
{
    /// <summary>More than any line of the listener.</summary>
    public const int MaxLength = LogLine.MaxWritten;

    private readonly char[] _line = new char[MaxLength];
    private readonly char[] _buffer = new char[MaxLength];
    private int _position;
    private int _count;

    /// <summary>Hands on all lines until there are no more, or nobody takes them.</summary>
    public static void Relay(TextReader reader, Action<string> take)
    {
        try
        {
            BoundedLines lines = new(reader);
            while (lines.Next() is { } line)
            {
                take(line);
            }
        }
        catch (Exception error) when (error is IOException or ObjectDisposedException)
        {
            // The end of a pipe.
        }
    }

    /// <summary>The next line without its end, at most <see cref="MaxLength"/> characters of it; null after the last.</summary>
    public string? Next()
    {
        int length = 0;
        bool any = false;
        while (_position < _count || Fill())
        {
            any = true;
            Span<char> rest = _buffer.AsSpan(_position, _count - _position);
            int end = rest.IndexOf('\n');
            Span<char> part = end < 0 ? rest : rest[..end];
            int kept = Math.Min(part.Length, MaxLength - length);
            part[..kept].CopyTo(_line.AsSpan(length));
            length += kept;
            _position += end < 0 ? part.Length : part.Length + 1;
            if (end >= 0)
            {
                break;
            }
        }

        return any ? new string(_line, 0, length) : null;
    }

    private bool Fill()
    {
        _position = 0;
        _count = reader.Read(_buffer);
        return _count > 0;
    }
}
