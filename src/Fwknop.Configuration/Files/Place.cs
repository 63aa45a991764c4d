namespace Fwknop.Configuration.Files;

/// <summary>Where a setting stands, and where findings about it go.</summary>
internal readonly struct Place(string file, int line, DiagnosticList diagnostics, string? includedFrom = null)
{
    public string File => file;

    public int Line => line;

    /// <summary>The place as a file that is included here names it: <c>access.conf, line 5</c>.</summary>
    public string? Origin => line == 0 ? null
        : FormattableString.Invariant($"{file}, line {line}") + (includedFrom is null ? "" : $", included from {includedFrom}");

    public void Error(string text) => Add(ConfigSeverity.Error, text);

    public void Warning(string text) => Add(ConfigSeverity.Warning, text);

    public void Info(string text) => Add(ConfigSeverity.Info, text);

    /// <summary>Yes and no as server.md 3.1 reads them: a first letter of Y is yes, all else is no. What is neither Y nor N gets a warning.</summary>
    public bool ReadFlag(string name, string value)
    {
        bool yes = value[0] is 'Y' or 'y';
        if (!yes && value[0] is not ('N' or 'n'))
        {
            Warning($"[*] {name} value '{value}' is neither Y nor N; taken as N");
        }

        return yes;
    }

    /// <summary>The same for the few variables of which only a first letter of N is no.</summary>
    public bool ReadFlagUnlessNo(string name, string value)
    {
        bool no = value[0] is 'N' or 'n';
        if (!no && value[0] is not ('Y' or 'y'))
        {
            Warning($"[*] {name} value '{value}' is neither Y nor N; taken as Y");
        }

        return !no;
    }

    private void Add(ConfigSeverity severity, string text) =>
        diagnostics.Add(new ConfigDiagnostic(file, line, severity, text) { IncludedFrom = includedFrom });
}
