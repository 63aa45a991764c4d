using System.Reflection;
using System.Text.RegularExpressions;
using Fwknop.TestSupport;

namespace Fwknop.Grants.Tests;

/// <summary>docs/log.md is what programs that read the log are made by: its tables say what the code does.</summary>
public sealed partial class LogDocumentTests
{
    private static readonly string Text = File.ReadAllText(Path.Combine(RepositoryRoot.Path, "docs/log.md"));

    [Fact]
    public void Has_every_event_with_its_fields_in_their_order() => Assert.Equal(
        LogEventKind.All.Select(kind => $"{kind.Name}: {string.Join(' ', kind.Fields.Select(field => field.Name))}"),
        EventRow().Matches(Text).Select(row => $"{row.Groups["name"].Value}: {row.Groups["fields"].Value.Trim().Replace("`", "", StringComparison.Ordinal)}"));

    /// <summary>What is promised is told somewhere.</summary>
    [Fact]
    public void Every_event_is_written_by_some_program()
    {
        string code = string.Concat(
            Directory.EnumerateFiles(Path.Combine(RepositoryRoot.Path, "src"), "*.cs", SearchOption.AllDirectories)
                .Where(file => Path.GetFileName(file) != $"{nameof(LogEventKind)}.cs")
                .Select(File.ReadAllText));
        string[] members = [.. typeof(LogEventKind).GetProperties(BindingFlags.Public | BindingFlags.Static)
            .Where(member => member.PropertyType == typeof(LogEventKind)).Select(member => member.Name)];
        Assert.Equal(LogEventKind.All.Count, members.Length);
        Assert.All(members, member => Assert.Matches($@"\bLogEventKind\.{member}\b", code));
    }

    [Fact]
    public void Has_every_field_with_its_type() => Assert.Equal(
        LogEventKind.All.SelectMany(kind => kind.Fields).Distinct().Select(field => $"{field.Name}: {field.Type}").Order(StringComparer.Ordinal),
        FieldRow().Matches(Text).Select(row => $"{row.Groups["name"].Value}: {row.Groups["type"].Value}").Order(StringComparer.Ordinal));

    [Fact]
    public void Has_every_type() => Assert.All(
        Enum.GetNames<LogFieldType>(), type => Assert.Contains($"\n| {type} | ", Text, StringComparison.Ordinal));

    [GeneratedRegex(@"^\| `(?<name>[a-z]+\.[a-z_]+)` \|(?<fields>[^|]*)\|", RegexOptions.Multiline)]
    private static partial Regex EventRow();

    [GeneratedRegex(@"^\| `(?<name>[a-z_]+)` \| (?<type>[A-Z][a-z]+) \|", RegexOptions.Multiline)]
    private static partial Regex FieldRow();
}
