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
        string name = line.NameText;
        messages.Debug($"parse_rc_param() : Parsing variable {TerminalText.Of(name)}...");
        ClientOption? option = ClientOptions.FindKeyword(name);
        if (file.IsOpenToOthers && Programs.Contains(name))
        {
            messages.Error($"[*] {file.Path}, line {number}: {name} names a program to run, but others may write to the file.");
            return false;
        }

        SetResult result = option?.SetFromRc?.Invoke(settings, line.Value) ?? SetResult.Refused();
        bool isSecret = option?.IsSecret ?? MayBeKeyName(name);
        if (!result.IsAccepted)
        {
            if (result.Text is { } reason)
            {
                messages.Error(TerminalText.Of(reason));
            }

            string value = isSecret ? "<hidden>" : TerminalText.Of(Encoding.UTF8.GetString(line.Value));
            messages.Error($"Parameter error in {file.Path}, line {number}: var={TerminalText.Of(name)}, val={value}");
            messages.Error(option?.SetFromRc is null ? "[*] There is no such keyword." : "[*] The keyword does not take this value.");
            return false;
        }

        if (result.Text is { } warning)
        {
            messages.Warning($"[-] WARNING: {file.Path}, line {number}: the value of {name} {warning}.");
        }

        if (line.DroppedText)
        {
            messages.Warning(
                $"[-] WARNING: {file.Path}, line {number}: the value of {name} ends at the first blank, ';' or '#'; the rest is dropped. "
                + "Put the value in double quotes if that is wrong.");
        }

        return true;
    }

    // Unknown only because it is misspelt: the value is a key all the same.
    private static bool MayBeKeyName(string name) =>
        ((string[])["KEY", "PW", "PASS"]).Any(part => name.Contains(part, StringComparison.OrdinalIgnoreCase));

    // `KEY=secret` has no value for the grammar but may well hold a key, and so may the rest of a wrapped value: only keywords are shown.
    private static string Shown(ReadOnlySpan<byte> line, ReadOnlySpan<byte> name)
    {
        ReadOnlySpan<byte> word = line.Trim(" \t\v\f\r\n"u8).TrimEnd(":= \t"u8);
        string? longest = null;
        foreach (ClientOption option in ClientOptions.Table)
        {
            if (option.Keyword is not { } keyword)
            {
                continue;
            }

            if (word.IsEmpty || Ascii.Equals(word, keyword))
            {
                return TerminalText.Of(Encoding.UTF8.GetString(line));
            }

            bool isStart = name.Length >= keyword.Length && Ascii.EqualsIgnoreCase(name[..keyword.Length], keyword);
            longest = isStart && keyword.Length > (longest?.Length ?? 0) ? keyword : longest;
        }

        return $"{longest}<hidden>{(line.EndsWith("\n"u8) ? "\n" : string.Empty)}";
    }
}
