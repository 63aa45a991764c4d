namespace Fwknop.Client;

/// <summary>Text from files for the user's eyes.</summary>
internal static class TerminalText
{
    /// <summary>The text with '?' in the place of what would move the cursor, change colours or the like.</summary>
    public static string Of(string text) => text.Any(IsControl)
        ? string.Concat(text.Select(letter => IsControl(letter) ? '?' : letter))
        : text;

    private static bool IsControl(char letter) => char.IsControl(letter) && letter is not ('\t' or '\n');
}
