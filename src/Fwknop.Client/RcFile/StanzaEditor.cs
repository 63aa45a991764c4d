namespace Fwknop.Client;

/// <summary>
/// Puts a new set of parameters into a stanza. All other lines of the file stay, comments and blank lines too (client.md 6.6).
/// </summary>
/// <param name="stanza">The name of the stanza; it is added at the end of a file that has none of that name.</param>
/// <param name="entries">The new parameters, in the order of writing.</param>
/// <param name="kept">Keywords whose old lines stay and whose new value is not written.</param>
/// <param name="output">Receives the new content.</param>
internal sealed class StanzaEditor(string stanza, IReadOnlyList<RcEntry> entries, IReadOnlySet<string> kept, SecretBuffer output)
{
    private const int KeywordWidth = 28;

    private bool _isInside;
    private bool _isWritten;
    private bool _endsBlank;
    private int _keptLeft;

    /// <summary>Why the name or a value cannot stand in an rc file, or null.</summary>
    public static string? FirstProblem(string stanza, IReadOnlyList<RcEntry> entries)
    {
        if (stanza.Length == 0 || stanza.AsSpan().ContainsAny("]\r\n\0"))
        {
            return $"'{stanza}' cannot be the name of a stanza.";
        }

        foreach (RcEntry entry in entries)
        {
            ReadOnlySpan<byte> value = entry.Value.Span;
            if (value.ContainsAny("\r\n\0"u8) || (NeedsQuotes(value) && value.Contains((byte)'"')))
            {
                return $"The value of {entry.Keyword} cannot be saved: an rc file cannot hold newlines, nor double quotes together with blanks, ';' or '#'.";
            }
        }

        return null;
    }

    /// <summary>The keywords of the stanza's lines, each once.</summary>
    public static List<string> KeywordsOf(RcText file, string stanza)
    {
        List<string> keywords = [];
        bool isInside = false;
        foreach (ReadOnlySpan<byte> line in file)
        {
            RcLine parsed = RcLine.Parse(line);
            isInside = parsed.Kind == RcLineKind.Header ? parsed.IsHeaderOf(stanza) : isInside;
            if (isInside && parsed.Kind == RcLineKind.Parameter && parsed.NameText is { } keyword && !keywords.Contains(keyword))
            {
                keywords.Add(keyword);
            }
        }

        return keywords;
    }

    /// <summary>Makes the new content; to be called once.</summary>
    public void Apply(RcText file)
    {
        _keptLeft = CountKept(file);
        foreach (ReadOnlySpan<byte> line in file)
        {
            Take(line);
        }

        if (output.Length > 0 && output.Span[^1] != (byte)'\n')
        {
            Write("\n"u8);
        }

        if (!_isWritten && !_isInside)
        {
            Write(output.Length == 0 ? [] : "\n"u8);
            Write(System.Text.Encoding.UTF8.GetBytes($"[{stanza}]\n"));
        }

        WriteEntries();
    }

    private void Take(ReadOnlySpan<byte> line)
    {
        RcLine parsed = RcLine.Parse(line);
        if (parsed.Kind == RcLineKind.Header)
        {
            if (_isInside)
            {
                WriteEntries();
                Write(_endsBlank ? [] : "\n"u8);
            }

            _isInside = parsed.IsHeaderOf(stanza);
        }
        else if (_isInside && parsed.Kind != RcLineKind.Blank)
        {
            TakeParameter(line, isKept: IsKept(parsed));
            return;
        }

        Write(line);
    }

    // The new lines come after those that stay, as the reference puts them.
    private void TakeParameter(ReadOnlySpan<byte> line, bool isKept)
    {
        if (isKept)
        {
            Write(line);
            Write(line[^1] == (byte)'\n' ? [] : "\n"u8);
            _keptLeft--;
        }

        if (_keptLeft == 0)
        {
            WriteEntries();
        }
    }

    private int CountKept(RcText file)
    {
        int count = 0;
        bool isInside = false;
        foreach (ReadOnlySpan<byte> line in file)
        {
            RcLine parsed = RcLine.Parse(line);
            isInside = parsed.Kind == RcLineKind.Header ? parsed.IsHeaderOf(stanza) : isInside;
            count += isInside && parsed.Kind is RcLineKind.Parameter or RcLineKind.Incomplete && IsKept(parsed) ? 1 : 0;
        }

        return count;
    }

    private bool IsKept(RcLine line)
    {
        foreach (string keyword in kept)
        {
            if (line.IsNamed(keyword))
            {
                return true;
            }
        }

        return false;
    }

    // In the place of the first old parameter after which none stays, or at the end of a stanza that has none.
    private void WriteEntries()
    {
        if (_isWritten)
        {
            return;
        }

        _isWritten = true;
        foreach (RcEntry entry in entries)
        {
            if (kept.Contains(entry.Keyword))
            {
                continue;
            }

            bool quoted = NeedsQuotes(entry.Value.Span);
            Write(System.Text.Encoding.UTF8.GetBytes(entry.Keyword.PadRight(KeywordWidth)));
            Write(quoted ? "\""u8 : []);
            Write(entry.Value.Span);
            Write(quoted ? "\"\n"u8 : "\n"u8);
            _endsBlank = false;
        }
    }

    private void Write(ReadOnlySpan<byte> text)
    {
        if (!text.IsEmpty)
        {
            _endsBlank = text is [(byte)'\n'] or [(byte)'\r', (byte)'\n'];
            output.Append(text);
        }
    }

    private static bool NeedsQuotes(ReadOnlySpan<byte> value) =>
        value.IsEmpty || value.ContainsAny(" \t;#"u8) || value[0] is (byte)'"' or (byte)'=';
}
