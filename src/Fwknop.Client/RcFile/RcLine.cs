using System.Text;

namespace Fwknop.Client;

/// <summary>One line of an rc file (client.md 6.3), with or without its newline.</summary>
internal readonly ref struct RcLine
{
    private RcLine(RcLineKind kind, ReadOnlySpan<byte> name, ReadOnlySpan<byte> value, bool droppedText)
    {
        Kind = kind;
        Name = name;
        Value = value;
        DroppedText = droppedText;
    }

    public RcLineKind Kind { get; }

    /// <summary>The stanza's name or the keyword. Where no value follows it may be anything, a key too.</summary>
    public ReadOnlySpan<byte> Name { get; }

    /// <summary>The same as text, for what cannot be a key.</summary>
    public string NameText => Encoding.UTF8.GetString(Name);

    public ReadOnlySpan<byte> Value { get; }

    /// <summary>True when something that is not a comment followed the value and was dropped.</summary>
    public bool DroppedText { get; }

    /// <summary>True when this line begins the stanza of that name; case does not matter.</summary>
    public bool IsHeaderOf(string stanza) => Kind == RcLineKind.Header && NameText.Equals(stanza, StringComparison.OrdinalIgnoreCase);

    /// <summary>True when the name is this keyword.</summary>
    public bool IsNamed(string keyword) => Ascii.Equals(Name, keyword);

    public static RcLine Parse(ReadOnlySpan<byte> line)
    {
        // Blank and comment lines are told by their first byte alone.
        if (line.IsEmpty || line[0] is (byte)'#' or (byte)';' or (byte)'\r' or (byte)'\n' or 0)
        {
            return new RcLine(RcLineKind.Blank, default, default, false);
        }

        ReadOnlySpan<byte> text = line.TrimStart(" \t\v\f\r"u8);
        int close = text.IndexOf((byte)']');
        if (!text.IsEmpty && text[0] == (byte)'[' && close > 0)
        {
            return new RcLine(RcLineKind.Header, text[1..close], default, false);
        }

        return ParseParameter(text);
    }

    // NAME value, NAME: value, NAME = value, each with an optional comment; a value with blanks stands in double quotes.
    private static RcLine ParseParameter(ReadOnlySpan<byte> text)
    {
        int end = text.IndexOfAny(" \t\r\n"u8);
        ReadOnlySpan<byte> word = end < 0 ? text : text[..end];
        int colon = word.LastIndexOf((byte)':');
        ReadOnlySpan<byte> name = colon < 0 ? word : word[..colon];
        ReadOnlySpan<byte> rest = SkipEquals((end < 0 ? default : text[end..]).Trim(" \t\r\n"u8));
        if (rest.Length > 1 && rest[0] == (byte)'"' && rest[1..].IndexOf((byte)'"') is var quote and >= 0)
        {
            return new RcLine(RcLineKind.Parameter, name, rest[1..(quote + 1)], IsText(rest[(quote + 2)..]));
        }

        int stop = rest.IndexOfAny(" \t;#\r"u8);
        ReadOnlySpan<byte> value = stop < 0 ? rest : rest[..stop];
        return value.IsEmpty || name.IsEmpty
            ? new RcLine(RcLineKind.Incomplete, name, default, false)
            : new RcLine(RcLineKind.Parameter, name, value, stop >= 0 && IsText(rest[stop..]));
    }

    private static ReadOnlySpan<byte> SkipEquals(ReadOnlySpan<byte> rest) =>
        rest.Length > 1 && rest[0] == (byte)'=' && rest[1] is (byte)' ' or (byte)'\t' ? rest[1..].TrimStart(" \t"u8) : rest;

    // A comment begins with ; or # after a blank, or directly after the value when a blank or nothing follows: `tcp/22; why`.
    private static bool IsText(ReadOnlySpan<byte> dropped)
    {
        ReadOnlySpan<byte> trimmed = dropped.TrimStart(" \t"u8);
        if (trimmed.IsEmpty)
        {
            return false;
        }

        bool isMark = trimmed[0] is (byte)';' or (byte)'#';
        bool isApart = trimmed.Length < dropped.Length || trimmed.Length == 1 || trimmed[1] is (byte)' ' or (byte)'\t';
        return !isMark || !isApart;
    }
}
