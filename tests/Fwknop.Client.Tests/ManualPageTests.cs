using System.Text.RegularExpressions;
using Fwknop.TestSupport;

namespace Fwknop.Client.Tests;

public sealed class ManualPageTests
{
    private static readonly string Page = File.ReadAllText(Path.Combine(RepositoryRoot.Path, "packaging", "man", "fwknop.8"))
        .Replace("\\-", "-", StringComparison.Ordinal);

    [Fact]
    public void Names_every_option()
    {
        IEnumerable<string> options = ClientOptions.Table.SelectMany(option => option.Names.Select(name => $"--{name}"));

        AssertNamed(options, option => Regex.IsMatch(Page, $"(?<![a-z-]){option}(?![a-z0-9-])"));
    }

    [Fact]
    public void Names_every_letter()
    {
        IEnumerable<string> letters = ClientOptions.Table.Where(option => option.Letter is not null).Select(option => $"-{option.Letter}");

        AssertNamed(letters, letter => Regex.IsMatch(Page, $@"(?<![A-Za-z-]){letter}(?![A-Za-z-])"));
    }

    [Fact]
    public void Names_every_keyword_of_the_rc_file()
    {
        IEnumerable<string> keywords = ClientOptions.Table.Where(option => option.Keyword is not null).Select(option => option.Keyword!);

        AssertNamed(keywords, keyword => Regex.IsMatch(Page, $"(?<![A-Z_]){keyword}(?![A-Z_])"));
    }

    private static void AssertNamed(IEnumerable<string> names, Func<string, bool> isInPage)
    {
        string[] missing = [.. names.Where(name => !isInPage(name))];
        Assert.Empty(missing);
    }
}
