using System.Buffers;
using Fwknop.Configuration.Files;

namespace Fwknop.Configuration.Access;

/// <summary>Takes the lines of one access file to the stanza they belong to (server.md 4.1).</summary>
/// <param name="file">What messages call the file.</param>
/// <param name="depth">1 for a file that is not included.</param>
/// <param name="includedFrom">Where it is included, for messages; null when it is not.</param>
/// <param name="policy">All files together.</param>
/// <param name="context">What it is read with.</param>
internal sealed class StanzaReader(string file, int depth, string? includedFrom, PolicyReader policy, AccessContext context)
{
    private static readonly SearchValues<byte> NameLetters = SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZ_"u8);

    private StanzaDraft? _current;

    public void Read(ReadOnlySpan<byte> text)
    {
        EntryReader entries = new(text);
        while (entries.Next())
        {
            Place place = new(file, entries.Line, context.Diagnostics, includedFrom);
            switch (entries.Kind)
            {
                case EntryKind.Setting:
                    ReadSetting(entries, place);
                    break;
                case EntryKind.Malformed:
                    // The reference quotes the line; it may be a key that a line break cut off from its name.
                    place.Error(FormattableString.Invariant($"[*] Invalid access file entry in {file} at line {entries.Line}."));
                    break;
                case EntryKind.Binary:
                    place.Error(FormattableString.Invariant($"[*] NUL byte or stray carriage return in {file} at line {entries.Line}."));
                    break;
            }
        }
    }

    private void ReadSetting(in EntryReader entry, Place place)
    {
        ReadOnlySpan<byte> name = entry.Name.EndsWith(":"u8) ? entry.Name[..^1] : entry.Name;
        AccessKeyword? keyword = AccessKeywords.Find(name);
        if (entry.HasLostText)
        {
            place.Warning($"[*] Text after ';' is not part of the value of {Shown(name)}");
        }

        if (keyword is not { IsSecret: true } && HoldsKeyLine(entry.Value))
        {
            // Messages about the value would quote the key.
            place.Error(FormattableString.Invariant($"[*] {Shown(name)} is followed by a key on the same line in {file} at line {entry.Line}"));
        }
        else if (name.SequenceEqual("SOURCE"u8))
        {
            StartStanza(entry.Value, place);
        }
        else if (AccessDirectives.Find(name) is AccessDirective directive)
        {
            Follow(directive, entry.Value, place);
        }
        else if (keyword is null)
        {
            place.Warning(FormattableString.Invariant($"[*] Ignoring unknown access parameter: {Shown(name)} in {file} at line {entry.Line}"));
        }
        else if (_current is null)
        {
            place.Warning($"[*] {keyword.Name} stands before the first SOURCE and has no effect");
        }
        else
        {
            keyword.Set(_current, entry.Value, place);
        }
    }

    private void StartStanza(ReadOnlySpan<byte> value, Place place)
    {
        string? source = Printable.Strict(value);
        _current = policy.Add(new StanzaDraft(place, Printable.Text(value), context));
        if (source is null)
        {
            place.Error("[*] SOURCE value holds control characters or is not UTF-8");
        }
        else
        {
            _current.Source = AccessKeywords.Addresses(AccessKeywords.Source, source, place);
        }
    }

    private void Follow(AccessDirective directive, ReadOnlySpan<byte> value, Place place)
    {
        if (Printable.Strict(value) is not string path)
        {
            place.Error($"[*] {directive.Name} value holds control characters or is not UTF-8");
        }
        else if (directive.Kind == AccessDirectiveKind.Keys)
        {
            ReadKeys(path, place);
        }
        else if (depth >= PolicyReader.MaxDepth)
        {
            place.Error(FormattableString.Invariant($"[*] Refusing to go deeper than {PolicyReader.MaxDepth} levels. Lost in Limbo: '{file}'"));
        }
        else if (directive.Kind == AccessDirectiveKind.Folder)
        {
            policy.ReadFolder(path, depth + 1, place);
        }
        else
        {
            policy.ReadFile(path, depth + 1, place);
        }
    }

    private void ReadKeys(string path, Place place)
    {
        if (_current is null)
        {
            place.Warning($"[*] {AccessDirectives.Keys} stands before the first SOURCE and has no effect");
            return;
        }

        KeyFile keys = new(path, place);
        _current.KeyFiles.Add(keys);
        keys.Read(context.Files, _current);
    }

    /// <summary>True when the line break before a line with a key was lost.</summary>
    private static bool HoldsKeyLine(ReadOnlySpan<byte> value)
    {
        foreach (byte[] name in AccessKeywords.SecretNames)
        {
            for (ReadOnlySpan<byte> rest = value; rest.IndexOf(name) is >= 0 and int at; rest = rest[(at + name.Length)..])
            {
                ReadOnlySpan<byte> after = rest[(at + name.Length)..];
                if (!after.IsEmpty && (after[0] is (byte)' ' or (byte)'\t' or (byte)':'))
                {
                    return true;
                }
            }
        }

        return false;
    }

    /// <summary>A name for a message, unless it looks like anything but a name: then it may be the rest of a key.</summary>
    private static string Shown(ReadOnlySpan<byte> name)
    {
        bool isName = name.Length <= AccessKeywords.MaxNameLength && !name.ContainsAnyExcept(NameLetters);
        return isName || AccessDirectives.Find(name) is not null ? $"'{System.Text.Encoding.ASCII.GetString(name)}'" : "(not a name)";
    }
}
