using System.Buffers;
using Fwknop.Configuration.Files;

namespace Fwknop.Configuration.Server;

/// <summary>Collects the settings of fwknopd.conf and override files; the last one of a name wins (server.md 3.1).</summary>
internal sealed class SettingsReader(DiagnosticList diagnostics)
{
    private static readonly SearchValues<char> VariableLetters = SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZ_");

    private readonly Dictionary<string, Setting> _settings = new(StringComparer.Ordinal);

    public IReadOnlyDictionary<string, Setting> Settings => _settings;

    /// <summary>True when a file or a line of it could not be read, which may have set any variable, or when others may have written it.</summary>
    public bool HasLostSettings { get; private set; }

    public void ReadFile(string path, FileProbe? probe)
    {
        using ConfigText? text = ConfigFile.Read(path, FileKind.Config, probe, new Place(path, 0, diagnostics));
        if (text is not null)
        {
            Read(text.Bytes, path);
        }

        HasLostSettings |= diagnostics.Items.Any(item => item is { Line: 0, Severity: ConfigSeverity.Error } && item.File == path);
    }

    public void Read(ReadOnlySpan<byte> text, string file)
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
                    string line = Printable.Text(entries.Text);
                    place.Warning(FormattableString.Invariant($"*Invalid config file entry in {file} at line {entries.Line}.\n - '{line}'"));
                    break;
                case EntryKind.Binary:
                    HasLostSettings = true;
                    place.Error(FormattableString.Invariant($"[*] NUL byte or stray carriage return in {file} at line {entries.Line}."));
                    break;
            }
        }
    }

    /// <summary>Sets a variable from the command line, which beats the files.</summary>
    public void Set(string name, string value) =>
        _settings[name] = new Setting(value, new Place(ConfigDiagnostic.CommandLineSource, 0, diagnostics));

    private void ReadSetting(in EntryReader entry, Place place)
    {
        string name = Printable.Text(entry.Name);
        if (!ServerKeywords.ByName.ContainsKey(name))
        {
            WarnUnknown(name, place);
            return;
        }

        if (entry.HasLostText)
        {
            place.Warning($"[*] Text after ';' is not part of the value of '{name}'");
        }

        if (Printable.Strict(entry.Value) is not string value)
        {
            HasLostSettings = true;
            place.Error($"[*] {name} value holds control characters or is not UTF-8");
        }
        else if (Expand(value, place) is string expanded)
        {
            _settings[name] = new Setting(expanded, place);
        }
        else
        {
            place.Warning($"[*] Invalid embedded variable in: '{value}'");
            WarnUnknown(name, place);
        }
    }

    private static void WarnUnknown(string name, Place place) => place.Warning(
        FormattableString.Invariant($"[*] Ignoring unknown configuration parameter: '{name}' in {place.File} at line {place.Line}"));

    /// <summary>
    /// Replaces a variable at the start of a value (server.md 3.1): <c>$FWKNOP_RUN_DIR/fwknopd.pid</c>. The reference adds the rest of
    /// an earlier value to a bare <c>$NAME</c> (server.md 13, Q16); nothing is added here.
    /// </summary>
    /// <returns>Null when the variable is unknown or has no value.</returns>
    private string? Expand(string value, Place place)
    {
        int end = value.AsSpan(1).IndexOfAnyExcept(VariableLetters) is >= 0 and int length ? length + 1 : value.Length;
        if (value[0] != '$' || end == 1)
        {
            return value;
        }

        string name = value[1..end];
        if ((_settings.GetValueOrDefault(name)?.Value ?? ServerKeywords.ByName.GetValueOrDefault(name)?.Default) is not string start)
        {
            return null;
        }

        string rest = value[end..];
        int blank = rest.AsSpan().IndexOfAny(' ', '\t');
        if (blank > 0)
        {
            place.Warning($"[*] Text after the blank is not used in: '{value}'");
            rest = rest[..blank];
        }

        return start + rest;
    }
}
