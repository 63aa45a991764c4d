using System.Globalization;

namespace Fwknop.Configuration.CommandLine;

/// <summary>
/// Numbers of options and settings: decimal, blanks and a sign may lead, nothing may follow (client.md 3).
/// The reference reads <c>22abc</c> as 22 and <c>abc</c> as 0; here both are errors.
/// </summary>
public static class StrictNumber
{
    /// <summary>Reads a number between two bounds, both included.</summary>
    public static bool TryParse(ReadOnlySpan<char> text, int min, int max, out int number) =>
        int.TryParse(text, NumberStyles.AllowLeadingWhite | NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out number)
        && text[^1] != '\0'
        && number >= min
        && number <= max;
}
