using System.Text.RegularExpressions;
using Fwknop.Configuration.Access;
using Fwknop.Configuration.Server;
using Fwknop.TestSupport;

namespace Fwknop.Configuration.Tests;

/// <summary>The documents name what the tables hold: a row that is added must be described, a row that is gone must go.</summary>
public sealed partial class DocumentTests
{
    private static readonly string[] ServerNames = [.. ServerKeywords.All.Select(keyword => keyword.Name)];
    private static readonly string[] AccessNames = [AccessKeywords.Source, .. AccessKeywords.ByName.Keys, .. AccessDirectives.ByName.Keys];

    [Fact]
    public void The_reference_has_one_row_for_every_variable()
    {
        string text = Read("docs/configuration.md");
        int border = text.IndexOf("\n## access.conf\n", StringComparison.Ordinal);

        AssertSame(ServerNames, FirstColumn(text[..border]));
        AssertSame(AccessNames, FirstColumn(text[border..]));
    }

    [Fact]
    public void The_reference_shows_the_defaults_of_the_table()
    {
        Dictionary<string, string> documented = Rows(Read("docs/configuration.md").Split("\n## access.conf\n")[0])
            .ToDictionary(row => row.Groups["name"].Value, row => row.Groups["default"].Value.Trim().Trim('`'));

        foreach (ServerKeyword keyword in ServerKeywords.All.Where(keyword => keyword.Default is not null))
        {
            Assert.Equal((keyword.Name, keyword.Default), (keyword.Name, documented[keyword.Name]));
        }
    }

    [Theory]
    [InlineData("packaging/man/fwknopd.conf.5", true)]
    [InlineData("packaging/man/access.conf.5", false)]
    public void The_manual_page_names_every_variable(string page, bool isServer)
    {
        string text = Unescape(Read(page));
        string[] missing = [.. (isServer ? ServerNames : AccessNames).Where(name => !Regex.IsMatch(text, $@"(?<![A-Z_%]){name}(?![A-Z_])"))];

        Assert.Empty(missing);
    }

    [Fact]
    public void The_manual_page_names_every_option_of_fwknopd()
    {
        string[] options = [.. LongOption().Matches(ServerCommandLine.Usage("0")).Select(match => match.Value)];
        string text = Unescape(Read("packaging/man/fwknopd.8"));

        Assert.NotEmpty(options);
        string[] missing = [.. options.Where(option => !Regex.IsMatch(text, $"(?<![a-z-]){option}(?![a-z0-9-])"))];
        Assert.Empty(missing);
    }

    private static string Read(string path) => File.ReadAllText(Path.Combine(RepositoryRoot.Path, path));

    private static string Unescape(string manual) => manual.Replace("\\-", "-", StringComparison.Ordinal);

    private static IEnumerable<string> FirstColumn(string text) => Rows(text).Select(row => row.Groups["name"].Value);

    private static MatchCollection Rows(string text) => TableRow().Matches(text);

    private static void AssertSame(IEnumerable<string> expected, IEnumerable<string> actual) =>
        Assert.Equal(expected.Order(StringComparer.Ordinal), actual.Order(StringComparer.Ordinal));

    [GeneratedRegex(@"^\| `(?<name>[A-Z_%a-z0-9]+)` \|(?<default>[^|]*)\|", RegexOptions.Multiline)]
    private static partial Regex TableRow();

    [GeneratedRegex(@"(?<=^ (-.|  )[ ,] |, )--[a-z-]+", RegexOptions.Multiline)]
    private static partial Regex LongOption();
}
