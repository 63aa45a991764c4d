using System.Globalization;
using System.Text;
using Fwknop.Configuration.CommandLine;

namespace Fwknop.Configuration.Tests.CommandLine;

/// <summary>The grammar of client.md 3; every row was compared with Debian's <c>fwknop</c> 2.6.10, which uses the C library's getopt_long.</summary>
public class OptionTableTests
{
    [Theory]
    [InlineData("separate short value", "-A tcp/22", "A=tcp/22")]
    [InlineData("glued short value", "-Atcp/22", "A=tcp/22")]
    [InlineData("glued value keeps an equals sign", "-A=tcp/22", "A==tcp/22")]
    [InlineData("bundled flags", "-sT", "s T")]
    [InlineData("bundle ending in a value", "-sTAtcp/22", "s T A=tcp/22")]
    [InlineData("bundle whose value is the next word", "-sA tcp/22", "s A=tcp/22")]
    [InlineData("long name and value", "--access tcp/22", "A=tcp/22")]
    [InlineData("long name with equals sign", "--access=tcp/22", "A=tcp/22")]
    [InlineData("empty value", "--access=", "A=")]
    [InlineData("value with equals signs", "--access=a=b", "A=a=b")]
    [InlineData("unambiguous prefix", "--acc tcp/22", "A=tcp/22")]
    [InlineData("prefix with equals sign", "--acc=tcp/22", "A=tcp/22")]
    [InlineData("prefix of aliases of one option", "--resolve-ip", "R")]
    [InlineData("prefix of aliases with a value", "--spoof-s 1.2.3.4", "Q=1.2.3.4")]
    [InlineData("exact name that is also a prefix", "--key-gen", "k")]
    [InlineData("missing value swallows an option", "-A -s", "A=-s")]
    [InlineData("missing value swallows the end mark", "-A -- -s", "A=-- s")]
    [InlineData("repeated options all apply, in order", "-A 1 -A 2", "A=1 A=2")]
    [InlineData("number with sign", "-p +22", "p=22")]
    [InlineData("optional value left out", "--wait -s", "W= s")]
    [InlineData("optional value with equals sign", "--wait=5", "W=5")]
    [InlineData("optional value left empty", "--wait=", "W=")]
    [InlineData("optional value glued to its letter", "-sW5", "s W=5")]
    [InlineData("optional value of a letter left out", "-W -s", "W= s")]
    [InlineData("prefix that an option gives way for", "--te", "T")]
    [InlineData("exact name of an option that gives way", "--tell", "t")]
    [InlineData("prefix of an option that gives way and of no other", "--tel", "t")]
    public void Accepts(string name, string line, string expected) => Assert.Equal((name, expected + ""), (name, Run(line).Trace));

    [Theory]
    [InlineData("words between options", "x -s y -T", "s T", "x y")]
    [InlineData("a lone dash is a word", "- -s", "s", "-")]
    [InlineData("an optional value is the next word if that is a number", "--wait 5 6", "W=5", "6")]
    [InlineData("an optional value is no other word", "--wait 5s", "W=", "5s")]
    [InlineData("an optional value given empty is not the next word", "--wait= 5", "W=", "5")]
    [InlineData("nothing is an option after the end mark", "-s -- -T --key-gen", "s", "-T --key-gen")]
    public void ReturnsStrayWords(string name, string line, string options, string words)
    {
        Outcome outcome = Run(line);

        Assert.Equal((name, options, words, 0), (name, outcome.Trace, string.Join(' ', outcome.Result.Words), outcome.Result.Errors.Count));
    }

    [Theory]
    [InlineData("as the next word", "-s --exec ssh -T -- --exec x", "s E=ssh", "-T -- --exec x")]
    [InlineData("with equals sign", "--exec=ssh -T", "E=ssh", "-T")]
    [InlineData("alone", "--exec ssh", "E=ssh", "")]
    [InlineData("whatever its first word looks like", "--exec -s -T", "E=-s", "-T")]
    [InlineData("not when it is the value of another option", "-A --exec -T", "A=--exec T", "")]
    public void TheRestOfTheLineIsACommand(string name, string line, string options, string rest)
    {
        Outcome outcome = Run(line);

        Assert.Equal((name, options, rest), (name, outcome.Trace, string.Join(' ', outcome.Result.Rest)));
        Assert.Empty(outcome.Result.Words);
        Assert.Empty(outcome.Result.Errors);
    }

    [Fact]
    public void ACommandKeepsEmptyWords() => Assert.Equal(["", "-T"], Run(["--exec", "a", "", "-T"]).Result.Rest);

    [Fact]
    public void StopsAtTheFirstWordWhenPosixlyCorrect()
    {
        Outcome outcome = Run("-s x -T", posixlyCorrect: true);

        Assert.Equal("s", outcome.Trace);
        Assert.Equal(["x", "-T"], outcome.Result.Words);
    }

    [Theory]
    [InlineData("--foo", "fwknop: unrecognized option '--foo'")]
    [InlineData("--foo=1", "fwknop: unrecognized option '--foo=1'")]
    [InlineData("--Test", "fwknop: unrecognized option '--Test'")]
    [InlineData("-y", "fwknop: invalid option -- 'y'")]
    [InlineData("-s-", "fwknop: invalid option -- '-'")]
    [InlineData("-A", "fwknop: option requires an argument -- 'A'")]
    [InlineData("-sA", "fwknop: option requires an argument -- 'A'")]
    [InlineData("--acc", "fwknop: option '--access' requires an argument")]
    [InlineData("--exec", "fwknop: option '--exec' requires an argument")]
    [InlineData("--t=3", "fwknop: option '--test' doesn't allow an argument")]
    [InlineData("--spoof-s", "fwknop: option '--spoof-source' requires an argument")]
    [InlineData("--test=foo", "fwknop: option '--test' doesn't allow an argument")]
    [InlineData("--tes=", "fwknop: option '--test' doesn't allow an argument")]
    [InlineData("--resolve-ip=3", "fwknop: option '--resolve-ip-http' doesn't allow an argument")]
    [InlineData("--key", "fwknop: option '--key' is ambiguous; possibilities: '--key-gen' '--key-gen-file' '--key-len'")]
    [InlineData("--key=3", "fwknop: option '--key=3' is ambiguous; possibilities: '--key-gen' '--key-gen-file' '--key-len'")]
    [InlineData("--s", "fwknop: option '--s' is ambiguous; possibilities: '--source-ip' '--spoof-source' '--spoof-src' '--server-port'")]
    public void RefusesWithTheTextOfGetopt(string line, string expected)
    {
        CommandLineResult result = Run(line).Result;

        Assert.Equal([new CommandLineError(CommandLineErrorKind.Usage, expected)], result.Errors);
        Assert.True(result.NeedsUsage);
    }

    [Theory]
    [InlineData("22abc")]
    [InlineData("abc")]
    [InlineData("22 ")]
    [InlineData("0x16")]
    [InlineData("65536")]
    [InlineData("-1")]
    [InlineData("99999999999999999999")]
    [InlineData("2.0")]
    [InlineData("1,000")]
    [InlineData("22\0")]
    [InlineData("٢٢")]
    public void RefusesNumbersThatAreNot(string value)
    {
        CommandLineResult result = Run(["-p", value]).Result;

        Assert.Equal([new CommandLineError(CommandLineErrorKind.Value, $"bad port: {value}")], result.Errors);
        Assert.False(result.NeedsUsage);
    }

    [Fact]
    public void RefusesAnEmptyNumber() => Assert.Single(Run(["-p", ""]).Result.Errors);

    [Fact]
    public void ReportsAllErrorsAndStillAppliesTheRest()
    {
        Outcome outcome = Run("-y --foo -p x -T");

        Assert.Equal(
            ["fwknop: invalid option -- 'y'", "fwknop: unrecognized option '--foo'", "bad port: x"],
            outcome.Result.Errors.Select(error => error.Text));
        Assert.Equal("T", outcome.Trace);
    }

    [Fact]
    public void RefusesTwoOptionsOfOneName()
    {
        OptionTable<List<string>> table = new OptionTable<List<string>>().Flag('a', ["all"], "", _ => { });

        Assert.Throws<ArgumentException>(() => table.Flag('a', ["other"], "", _ => { }));
        Assert.Throws<ArgumentException>(() => table.Flag('b', ["all"], "", _ => { }));
        Assert.Throws<ArgumentException>(() => table.Flag(null, [], "", _ => { }));
    }

    [Fact]
    public void HelpListsEveryNameAndStaysWithinTheWidth()
    {
        string[] lines = Table.FormatHelp().Split('\n');

        foreach (Option<List<string>> option in Table.Options)
        {
            Assert.All(option.LongNames, name => Assert.Contains(lines, line => line.Contains("--" + name, StringComparison.Ordinal)));
        }

        Assert.Contains(" -s, --source-ip          Use the packet's source.", lines);
        Assert.Contains(" -W, --wait[=SECONDS]     Wait.", lines);
        Assert.All(lines, line => Assert.True(line.Length <= 80, line));
    }

    [Fact]
    public void NeverThrowsOnRandomWords()
    {
        Random random = new(20260101);
        string[] pieces = ["-", "--", "=", "A", "s", "T", "key", "-gen", "resolve-ip", "test", "p", "1", "\0", "é", "", "source", " "];
        for (int i = 0; i < 20_000; i++)
        {
            string[] words = new string[random.Next(5)];
            for (int w = 0; w < words.Length; w++)
            {
                words[w] = new StringBuilder().AppendJoin("", Enumerable.Range(0, random.Next(6)).Select(_ => pieces[random.Next(pieces.Length)])).ToString();
            }

            CommandLineResult result = Run(words).Result;

            // Every word is an option, a stray word, or in an error; a value never counts as more than one.
            Assert.True(result.Words.Count <= words.Length);
        }
    }

    private static readonly OptionTable<List<string>> Table = new OptionTable<List<string>>()
        .Text('A', ["access"], "PORTS", "What to ask for.", (trace, value) => trace.Add("A=" + value))
        .Flag('s', ["source-ip"], "Use the packet's source.", trace => trace.Add("s"))
        .Flag('T', ["test"], "Build the packet, show it and do not send it anywhere, whatever else is given on the command line.", trace => trace.Add("T"))
        .Flag('R', ["resolve-ip-http", "resolve-ip-https"], "Ask a service.", trace => trace.Add("R"))
        .Text('Q', ["spoof-source", "spoof-src"], "IP", "Forge.", (trace, value) => trace.Add("Q=" + value))
        .Flag('k', ["key-gen"], "Make keys.", trace => trace.Add("k"))
        .Text('K', ["key-gen-file"], "FILE", "Make keys.", (trace, value) => trace.Add("K=" + value))
        .Add(new('W', ["wait"], "SECONDS", "Wait.", (trace, value) => Note(trace, "W=" + value)) { IsArgumentOptional = true })
        .Add(new(null, ["exec"], "COMMAND", "Run.", (trace, value) => Note(trace, "E=" + value)) { TakesRest = true })
        .Add(new(null, ["tell"], null, "Tell.", (trace, _) => Note(trace, "t")) { GivesWay = true })
        .Text(null, ["key-len"], "N", "Length.", (trace, value) => trace.Add("len=" + value))
        .Number(
            'p',
            ["server-port"],
            "PORT",
            "Port.",
            (0, 65535),
            value => $"bad port: {value}",
            (trace, number) => trace.Add("p=" + number.ToString(CultureInfo.InvariantCulture)));

    private static string? Note(List<string> trace, string text)
    {
        trace.Add(text);
        return null;
    }

    private static Outcome Run(string line, bool posixlyCorrect = false) => Run(line.Split(' '), posixlyCorrect);

    private static Outcome Run(string[] words, bool posixlyCorrect = false)
    {
        List<string> trace = [];
        CommandLineResult result = Table.Parse("fwknop", words, trace, posixlyCorrect);
        return new Outcome(string.Join(' ', trace), result);
    }

    private sealed record Outcome(string Trace, CommandLineResult Result);
}
