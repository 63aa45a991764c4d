namespace Fwknop.Client;

/// <summary>Values of rc keywords that several keywords share.</summary>
internal static class RcValue
{
    /// <summary>Yes or no in the spellings people use; the reference knows only <c>Y</c> (client.md 6.4, decision).</summary>
    public static bool TryParseYesNo(ReadOnlySpan<char> text, out bool value)
    {
        value = Is(text, "y") || Is(text, "yes") || Is(text, "true") || Is(text, "on") || text is "1";
        return value || Is(text, "n") || Is(text, "no") || Is(text, "false") || Is(text, "off") || text is "0";
    }

    private static bool Is(ReadOnlySpan<char> text, string word) => text.Equals(word, StringComparison.OrdinalIgnoreCase);
}
