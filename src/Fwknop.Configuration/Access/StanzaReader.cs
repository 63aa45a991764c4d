using System.Buffers;
using Fwknop.Configuration.Files;

namespace Fwknop.Configuration.Access;

/// <summary>Takes the lines of access.conf to the stanza they belong to (server.md 4.1).</summary>
internal sealed class StanzaReader(string file, TimeZoneInfo zone, DiagnosticList diagnostics, List<AccessStanza> stanzas) : IDisposable
{
    private const int MaxNameLength = 32;

    private static readonly SearchValues<byte> NameLetters = SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZ_"u8);

    private StanzaDraft? _current;

    /// <summary>How many SOURCE lines there were.</summary>
    public int StanzaCount { get; private set; }

    public void Read(ReadOnlySpan<byte> text)
    {
        EntryReader entries = new(text);
        while (entries.Next())
        {
            Place place = new(file, entries.Line, diagnostics);
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

        FinishStanza();
    }

    public void Dispose() => _current?.Dispose();

    private void ReadSetting(in EntryReader entry, Place place)
    {
        ReadOnlySpan<byte> name = entry.Name.EndsWith(":"u8) ? entry.Name[..^1] : entry.Name;
        if (entry.HasLostText)
        {
            place.Warning($"[*] Text after ';' is not part of the value of {Shown(name)}");
        }

        if (name.SequenceEqual("SOURCE"u8))
        {
            StartStanza(entry.Value, place);
        }
        else if (Find(name) is not AccessKeyword keyword)
        {
            place.Warning(FormattableString.Invariant($"[*] Ignoring unknown access parameter: {Shown(name)} in {file} at line {entry.Line}"));
        }
        else if (_current is not null)
        {
            keyword.Set(_current, entry.Value, place);
        }
        else if (keyword.Name.StartsWith('%'))
        {
            place.Error($"[*] {keyword.Name} is not supported yet");
        }
        else
        {
            place.Warning($"[*] {keyword.Name} stands before the first SOURCE and has no effect");
        }
    }

    private void StartStanza(ReadOnlySpan<byte> value, Place place)
    {
        FinishStanza();
        StanzaCount++;
        string? source = Printable.Strict(value);
        _current = new StanzaDraft(StanzaCount, place, Printable.Text(value), zone);
        if (source is null)
        {
            place.Error("[*] SOURCE value holds control characters or is not UTF-8");
        }
        else
        {
            _current.Source = AccessKeywords.Addresses(AccessKeywords.Source, source, place);
        }
    }

    private void FinishStanza()
    {
        if (_current?.Build(diagnostics) is AccessStanza stanza)
        {
            stanzas.Add(stanza);
        }

        _current?.Dispose();
        _current = null;
    }

    private static AccessKeyword? Find(ReadOnlySpan<byte> name) =>
        name.Length <= MaxNameLength ? AccessKeywords.ByName.GetValueOrDefault(System.Text.Encoding.Latin1.GetString(name)) : null;

    /// <summary>A name for a message, unless it looks like anything but a name: then it may be the rest of a key.</summary>
    private static string Shown(ReadOnlySpan<byte> name)
    {
        bool isName = name.Length <= MaxNameLength && !name.ContainsAnyExcept(NameLetters);
        return isName || Find(name) is not null ? $"'{System.Text.Encoding.ASCII.GetString(name)}'" : "(not a name)";
    }
}
