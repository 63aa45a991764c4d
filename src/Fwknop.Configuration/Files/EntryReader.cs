namespace Fwknop.Configuration.Files;

/// <summary>Takes a file apart into settings (server.md 3.1). Lines may have any length; the reference cuts them at 1023 bytes.</summary>
internal ref struct EntryReader
{
    private ReadOnlySpan<byte> _rest;

    public EntryReader(ReadOnlySpan<byte> text) => _rest = text.StartsWith("\uFEFF"u8) ? text[3..] : text;

    /// <summary>Number of the current line, from 1.</summary>
    public int Line { get; private set; }

    public EntryKind Kind { get; private set; }

    /// <summary>The whole line without its end.</summary>
    public ReadOnlySpan<byte> Text { get; private set; }

    public ReadOnlySpan<byte> Name { get; private set; }

    /// <summary>What follows the name up to the first <c>;</c>, without blanks around it (server.md 13, Q31).</summary>
    public ReadOnlySpan<byte> Value { get; private set; }

    /// <summary>True when something other than blanks or a <c>#</c> remark follows the <c>;</c> and is lost.</summary>
    public bool HasLostText { get; private set; }

    /// <summary>Moves to the next line.</summary>
    /// <returns>False at the end of the file.</returns>
    public bool Next()
    {
        if (_rest.IsEmpty)
        {
            return false;
        }

        int end = _rest.IndexOf((byte)'\n');
        ReadOnlySpan<byte> line = end < 0 ? _rest : _rest[..end];
        _rest = end < 0 ? default : _rest[(end + 1)..];
        Text = line.EndsWith("\r"u8) ? line[..^1] : line;
        Line++;
        Split();
        return true;
    }

    private void Split()
    {
        Name = default;
        Value = default;
        HasLostText = false;
        if (Text.IsEmpty || Text[0] is (byte)'#' or (byte)';')
        {
            Kind = EntryKind.Nothing;
            return;
        }

        if (Text.ContainsAny((byte)'\0', (byte)'\r'))
        {
            Kind = EntryKind.Binary;
            return;
        }

        ReadOnlySpan<byte> line = Text.TrimStart(" \t\v\f"u8);
        int blank = line.IndexOfAny(" \t\v\f"u8);
        Name = blank < 0 ? line : line[..blank];
        ReadOnlySpan<byte> value = blank < 0 ? default : line[blank..];
        int semicolon = value.IndexOf((byte)';');
        if (semicolon >= 0)
        {
            ReadOnlySpan<byte> lost = value[(semicolon + 1)..].TrimStart(" \t\v\f;"u8);
            HasLostText = !lost.IsEmpty && lost[0] != (byte)'#';
            value = value[..semicolon];
        }

        Value = value.Trim(" \t\v\f"u8);
        Kind = Value.IsEmpty ? EntryKind.Malformed : EntryKind.Setting;
    }
}
