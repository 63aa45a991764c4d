namespace Fwknop.TestSupport;

/// <summary>A line of the reference's catalogue that our daemon does not write.</summary>
/// <param name="Step">Where server.md has it: section and step.</param>
/// <param name="Text">Words of it that no other line has.</param>
/// <param name="Reason">Why.</param>
public sealed record UnwrittenLine(string Step, string Text, string Reason)
{
    private static readonly Lazy<IReadOnlyList<(string Path, string Text)>> Sources = new(() =>
    [
        .. Directory.EnumerateFiles(Path.Combine(RepositoryRoot.Path, "src"), "*.cs", SearchOption.AllDirectories)
            .Where(path => !path.Contains("/obj/", StringComparison.Ordinal) && !path.Contains("/Fwknop.Client/", StringComparison.Ordinal))
            .Select(path => (path, File.ReadAllText(path))),
    ]);

    /// <summary>The source file that has these words all the same; null when the row still tells the truth.</summary>
    public string? FindWriter() => Sources.Value.FirstOrDefault(source => source.Text.Contains(Text, StringComparison.Ordinal)).Path;
}
