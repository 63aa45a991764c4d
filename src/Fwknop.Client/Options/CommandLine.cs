using Fwknop.Configuration.CommandLine;

namespace Fwknop.Client;

/// <summary>The options as given, before any of them acts: some act before the rc file is read, the others after it.</summary>
internal sealed class CommandLine
{
    private CommandLine(IReadOnlyList<(ClientOption Option, string Value)> options, CommandLineResult result)
    {
        Options = options;
        Words = result.Words;
        Rest = result.Rest;
        Errors = result.Errors;
    }

    public IReadOnlyList<(ClientOption Option, string Value)> Options { get; }

    /// <summary>Words that belong to no option.</summary>
    public IReadOnlyList<string> Words { get; }

    /// <summary>The words of a command after its first one, which is the value of an option.</summary>
    public IReadOnlyList<string> Rest { get; }

    public IReadOnlyList<CommandLineError> Errors { get; }

    public bool AsksForHelp => Options.Any(given => given.Option.Letter == ClientOptions.Help);

    public static CommandLine Parse(IReadOnlyList<string> arguments, bool stopAtFirstWord)
    {
        Given given = new();
        CommandLineResult result = BuildTable().Parse(Messages.Program, arguments, given, stopAtFirstWord);
        return new CommandLine(given.Options, result);
    }

    /// <summary>The same command line again, without keys.</summary>
    public List<string> WordsWithoutKeys()
    {
        List<string> words = [];
        foreach ((ClientOption option, string value) in Options)
        {
            if (!option.IsSecret)
            {
                words.Add(option.Argument is null || (option.IsArgumentOptional && value.Length == 0) ? option.DisplayName : $"{option.DisplayName}={value}");
            }
        }

        words.AddRange(Rest);
        return words;
    }

    public static string FormatHelp() => BuildTable().FormatHelp();

    private static OptionTable<Given> BuildTable()
    {
        OptionTable<Given> table = new();
        foreach (ClientOption row in ClientOptions.Table)
        {
            if (row.Names.Length > 0)
            {
                table.Add(new Option<Given>(row.Letter, row.Names, row.Argument, row.Help, (given, value) =>
                {
                    given.Options.Add((row, value));
                    return null;
                })
                {
                    IsArgumentOptional = row.IsArgumentOptional,
                    TakesRest = row.TakesRest,
                    GivesWay = row.GivesWay,
                });
            }
        }

        return table;
    }

    private sealed class Given
    {
        public List<(ClientOption Option, string Value)> Options { get; } = [];
    }
}
