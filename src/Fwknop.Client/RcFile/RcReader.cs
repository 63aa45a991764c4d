using System.Text;

namespace Fwknop.Client;

/// <summary>Applies the stanzas of an rc file to settings (client.md 6.3, 6.4).</summary>
internal sealed class RcReader(RcText file, Messages messages)
{
    public const string DefaultStanza = "default";

    private static readonly string[] Programs = ["KEY_CMD", "HMAC_KEY_CMD", "WGET_CMD", "GPG_EXE"];

    /// <summary>
    /// Applies every stanza of that name, in the order of the file. All wrong lines are reported, except that a line without
    /// a value ends the reading.
    /// </summary>
    /// <param name="stanza">The name; case does not matter.</param>
    /// <param name="settings">What is filled, at its current level.</param>
    /// <param name="found">True when the file has such a stanza.</param>
    /// <returns>False when anything was wrong.</returns>
    public bool TryApply(string stanza, Settings settings, out bool found)
    {
        found = false;
        messages.Debug($"process_rc_section() : Parsing section '{stanza}' ...");
        bool isInside = false;
        bool isGood = true;
        int number = 0;
        foreach (ReadOnlySpan<byte> line in file)
        {
            number++;
            RcLine parsed = RcLine.Parse(line);
            if (parsed.Kind == RcLineKind.Header)
            {
                isInside = parsed.IsHeaderOf(stanza);
                found |= isInside;
            }
            else if (isInside && parsed.Kind == RcLineKind.Parameter)
            {
                isGood &= TrySet(parsed, number, settings);
            }
            else if (isInside && parsed.Kind == RcLineKind.Incomplete)
            {
                messages.Error($"*Invalid entry in '{Shown(line, parsed.Name)}'");
                messages.Error($"[*] {file.Path}, line {number}: a keyword and a value are needed.");
                return false;
            }
        }

        return isGood;
    }

    private bool TrySet(RcLine line, int number, Settings settings)
    {
        messages.Debug($"parse_rc_param() : Parsing variable {TerminalText.Of(line.Name)}...");
        ClientOption? option = ClientOptions.FindKeyword(line.Name);
        if (file.IsOpenToOthers && Programs.Contains(line.Name))
        {
            messages.Error($"[*] {file.Path}, line {number}: {line.Name} names a program to run, but others may write to the file.");
            return false;
        }

        SetResult result = option?.SetFromRc?.Invoke(settings, line.Value) ?? SetResult.Refused();
        bool isSecret = option?.IsSecret ?? MayBeKeyName(line.Name);
        if (!result.IsAccepted)
        {
            if (result.Text is { } reason)
            {
                messages.Error(TerminalText.Of(reason));
            }

            string value = isSecret ? "<hidden>" : TerminalText.Of(Encoding.UTF8.GetString(line.Value));
            messages.Error($"Parameter error in {file.Path}, line {number}: var={TerminalText.Of(line.Name)}, val={value}");
            messages.Error(option?.SetFromRc is null ? "[*] There is no such keyword." : "[*] The keyword does not take this value.");
            return false;
        }

        if (result.Text is { } warning)
        {
            messages.Warning($"[-] WARNING: {file.Path}, line {number}: the value of {line.Name} {warning}.");
        }

        if (line.DroppedText)
        {
            messages.Warning(
                $"[-] WARNING: {file.Path}, line {number}: the value of {line.Name} ends at the first blank, ';' or '#'; the rest is dropped. "
                + "Put the value in double quotes if that is wrong.");
        }

        return true;
    }

    // Unknown only because it is misspelt: the value is a key all the same.
    private static bool MayBeKeyName(string name) =>
        ((string[])["KEY", "PW", "PASS"]).Any(part => name.Contains(part, StringComparison.OrdinalIgnoreCase));

    // `KEY=secret` has no value for the grammar but may well hold a key, and so may the rest of a wrapped value: only keywords are shown.
    private static string Shown(ReadOnlySpan<byte> line, string name)
    {
        string text = Encoding.UTF8.GetString(line);
        string end = text.EndsWith('\n') ? "\n" : string.Empty;
        if (string.IsNullOrWhiteSpace(text) || ClientOptions.FindKeyword(text.AsSpan().Trim().TrimEnd(":= \t")) is not null)
        {
            return TerminalText.Of(text);
        }

        string? keyword = ClientOptions.Table
            .Where(option => option.Keyword is { } word && name.StartsWith(word, StringComparison.OrdinalIgnoreCase))
            .MaxBy(option => option.Keyword!.Length)?.Keyword;
        return $"{keyword}<hidden>{end}";
    }
}
