using Fwknop.Configuration.Files;

namespace Fwknop.Configuration.Access;

/// <summary>
/// A file of %include_keys (server.md 4.1). It may belong to a user: it sets keys of its stanza and nothing else, what is wrong with it costs
/// that stanza alone, and no message holds anything that stands in it.
/// </summary>
internal sealed class KeyFile(string path, Place from)
{
    /// <summary>Our choice: findings of a user's file must not crowd out those of the administrator's.</summary>
    private const int MaxIgnoredTold = 100;

    private int _ignored;

    /// <summary>True when the stanza is to be left out.</summary>
    public bool IsUnusable { get; private set; }

    /// <summary>Reads the file into the stanza that it is included in.</summary>
    public void Read(IAccessFiles files, StanzaDraft stanza)
    {
        from.Info($"Including key file: '{path}'");
        using ConfigText? text = files.ReadKeys(path, out string problem);
        if (text is null)
        {
            Reject($"[*] Key file '{path}' cannot be used: {problem}");
            return;
        }

        // What the setters say may quote values; only where and how bad it is leaves this file.
        DiagnosticList findings = new();
        ReadEntries(text.Bytes, stanza, findings);
        if (findings.Items.FirstOrDefault(item => item.Severity == ConfigSeverity.Error) is ConfigDiagnostic first)
        {
            Reject(FormattableString.Invariant($"[*] Key file '{path}' cannot be used: line {first.Line} is not right"));
        }
    }

    /// <summary>Says why the stanza is left out.</summary>
    /// <param name="reason">Holds nothing that stands in the file.</param>
    public void Reject(string reason)
    {
        IsUnusable = true;
        from.Warning(reason);
    }

    /// <summary>Says that the stanza is left out.</summary>
    public void SaySkipped() => from.Warning($"[*] Data error in included keyfile: '{path}', skipping stanza.");

    private void ReadEntries(ReadOnlySpan<byte> text, StanzaDraft stanza, DiagnosticList findings)
    {
        EntryReader entries = new(text);
        while (entries.Next())
        {
            Place place = new(path, entries.Line, findings);
            if (entries.Kind is EntryKind.Malformed or EntryKind.Binary)
            {
                place.Error("Not an entry");
            }
            else if (entries.Kind == EntryKind.Setting)
            {
                ReadSetting(entries, stanza, place);
            }
        }
    }

    private void ReadSetting(in EntryReader entry, StanzaDraft stanza, Place place)
    {
        AccessKeyword? keyword = AccessKeywords.Find(entry.Name.EndsWith(":"u8) ? entry.Name[..^1] : entry.Name);
        if (keyword is { IsForKeyFiles: true })
        {
            keyword.Set(stanza, entry.Value, place);
        }
        else
        {
            // A name of the table says no more than that it is one.
            if (++_ignored > MaxIgnoredTold)
            {
                return;
            }

            string name = keyword is null ? "(not a name)" : $"'{keyword.Name}'";
            from.Info(FormattableString.Invariant($"Ignoring invalid entry: {name} in line {entry.Line} of key file '{path}'"));
        }
    }
}
