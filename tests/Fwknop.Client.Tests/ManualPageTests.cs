using System.Text.RegularExpressions;
using Fwknop.TestSupport;

namespace Fwknop.Client.Tests;

/// <summary>The manual page is made from the option table, and what is written by hand speaks of options that exist.</summary>
public sealed class ManualPageTests
{
    private static readonly string PagePath = Path.Combine(RepositoryRoot.Path, "packaging", "man", "fwknop.8");

    [Fact]
    public void Committed_page_is_that_of_the_option_table()
    {
        using ClientHarness client = new();
        ClientRunResult run = client.Run("--man-page", "--rc-file", "/nonexistent");
        Assert.Equal((0, ""), (run.Status, run.Error));
        Assert.True(run.Output == File.ReadAllText(PagePath), "fwknop.8 differs from the option table: run packaging/update");
    }

    [Fact]
    public void Page_has_the_help_of_every_option_and_every_keyword()
    {
        string page = Unescape(ManualPage.Text());
        string[] missing =
        [
            .. Completion.Options.Where(option => !page.Contains($"\n{option.Help}\n", StringComparison.Ordinal)).Select(option => option.Names[0]),
            .. Completion.Options.SelectMany(Completion.Spellings).Where(spelling => !page.Contains($"\\fB{spelling}\\fR", StringComparison.Ordinal)),
            .. ClientOptions.Table.Select(option => option.Keyword).OfType<string>()
                .Where(keyword => !page.Contains($".TP\n\\fB{keyword}\\fR", StringComparison.Ordinal)),
        ];
        Assert.Empty(missing);
    }

    [Fact]
    public void Every_row_has_help() => Assert.DoesNotContain(ClientOptions.Table, option => option.Help.Length == 0);

    [Fact]
    public void Options_in_the_page_exist()
    {
        HashSet<string> names = [.. ClientOptions.Table.SelectMany(option => option.Names.Select(name => $"--{name}"))];
        string[] unknown =
        [
            .. Regex.Matches(Unescape(ManualPage.Text()), @"(?<![A-Za-z0-9-])--[a-z][a-z0-9-]*").Select(match => match.Value)
                .Where(name => !names.Contains(name)),
        ];
        Assert.Empty(unknown);
    }

    [Fact]
    public void Notes_and_headings_belong_to_rows()
    {
        HashSet<string?> rows = [.. ClientOptions.Table.SelectMany(option => new[] { option.Names.FirstOrDefault(), option.Keyword })];
        Assert.All(ManualNotes.Table.Keys.Concat(ManualPage.Sections.Select(section => section.FirstOption)), name => Assert.Contains(name, rows));
    }

    [ProgramFact("groff")]
    public void Page_is_good_roff()
    {
        ProcessRun run = ProcessRun.Run("groff", "-man", "-ww", "-b", "-Tutf8", PagePath);
        Assert.Equal((0, ""), (run.ExitCode, run.Errors));
    }

    private static string Unescape(string page) => page.Replace("\\-", "-", StringComparison.Ordinal).Replace("\\(aq", "'", StringComparison.Ordinal)
        .Replace("\\(ti", "~", StringComparison.Ordinal).Replace("\\(ha", "^", StringComparison.Ordinal).Replace("\\e", "\\", StringComparison.Ordinal);
}
