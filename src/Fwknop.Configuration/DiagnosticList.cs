namespace Fwknop.Configuration;

/// <summary>Collects findings while one file after another is read.</summary>
internal sealed class DiagnosticList
{
    // A damaged file of megabytes shall not make megabytes of messages (our choice).
    private const int MaxItems = 1000;
    private const int MaxText = 1000;

    private readonly List<ConfigDiagnostic> _items = [];
    private readonly List<string> _files = [];

    public bool HasErrors { get; private set; }

    public IReadOnlyList<ConfigDiagnostic> Items => _items;

    /// <summary>Says that a file is read now: its findings come before those of files that it includes, whichever are found first.</summary>
    public void Begin(string file) => _files.Add(file);

    public void Add(ConfigDiagnostic item)
    {
        HasErrors |= item.Severity == ConfigSeverity.Error;
        if (_items.Count == MaxItems)
        {
            _items.Add(new ConfigDiagnostic(item.File, item.Line, ConfigSeverity.Error, "Too many findings; the rest is not listed."));
            HasErrors = true;
        }
        else if (_items.Count < MaxItems)
        {
            _items.Add(item.Text.Length <= MaxText ? item : item with { Text = item.Text[..MaxText] + "..." });
        }
    }

    public void Error(string file, int line, string text) => Add(new ConfigDiagnostic(file, line, ConfigSeverity.Error, text));

    public void Warning(string file, int line, string text) => Add(new ConfigDiagnostic(file, line, ConfigSeverity.Warning, text));

    public void Info(string file, int line, string text) => Add(new ConfigDiagnostic(file, line, ConfigSeverity.Info, text));

    /// <summary>The findings file by file, in the order in which the files are read or first appear, and by line within each.</summary>
    public IReadOnlyList<ConfigDiagnostic> InFileOrder()
    {
        Dictionary<string, int> places = new(StringComparer.Ordinal);
        foreach (string file in _files.Concat(_items.Select(item => item.File)))
        {
            places.TryAdd(file, places.Count);
        }

        return [.. _items.OrderBy(item => places[item.File]).ThenBy(item => item.Line)];
    }
}
