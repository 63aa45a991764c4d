using System.Text;

namespace Fwknop.Configuration.CommandLine;

/// <summary>
/// The options of a program, read as GNU <c>getopt_long</c> reads them (client.md 3): bundling (<c>-sT</c>), glued values
/// (<c>-Atcp/22</c>), <c>--name=value</c>, unambiguous prefixes, options and other words mixed, <c>--</c> ends the options.
/// </summary>
/// <example>
/// <code>
/// static readonly OptionTable&lt;Settings&gt; Table = new OptionTable&lt;Settings&gt;()
///     .Flag('T', ["test"], "Do not send.", s => s.Test = true)
///     .Value('D', ["destination"], "HOST", "The SPA server.", (s, v) => v.StartsWith('-') ? $"..." : s.SetHost(v))
///     .Number('p', ["server-port"], "PORT", "Its port.", (0, 65535), v => $"Invalid port: {v}", (s, n) => s.Port = n);
/// </code>
/// </example>
/// <remarks>
/// Setters run in the order of the command line, so the last of repeated options wins, and run even when something else is
/// wrong, so that every error is found and <c>--help</c> is seen after an unknown option.
/// </remarks>
public sealed class OptionTable<TSettings>
{
    private const int HelpColumn = 26;
    private const int HelpWidth = 80;

    private readonly List<Option<TSettings>> _options = [];
    private readonly List<(string Name, Option<TSettings> Option)> _byName = [];

    /// <summary>The rows.</summary>
    public IReadOnlyList<Option<TSettings>> Options => _options;

    /// <summary>Adds an option that is given or not.</summary>
    public OptionTable<TSettings> Flag(char? letter, string[] names, string help, Action<TSettings> set) =>
        Add(new Option<TSettings>(letter, names, ArgumentName: null, help, (settings, _) =>
        {
            set(settings);
            return null;
        }));

    /// <summary>Adds an option whose value is any text.</summary>
    public OptionTable<TSettings> Text(char? letter, string[] names, string argument, string help, Action<TSettings, string> set) =>
        Add(new Option<TSettings>(letter, names, argument, help, (settings, value) =>
        {
            set(settings, value);
            return null;
        }));

    /// <summary>Adds an option with a value; the setter returns a message for the user when it does not accept the value.</summary>
    public OptionTable<TSettings> Value(char? letter, string[] names, string argument, string help, OptionSetter<TSettings> set) =>
        Add(new Option<TSettings>(letter, names, argument, help, set));

    /// <summary>Adds an option whose value is a whole number (client.md 3: no trailing garbage).</summary>
    /// <param name="letter">The short name, or null.</param>
    /// <param name="names">The long names.</param>
    /// <param name="argument">What the help calls the number.</param>
    /// <param name="help">The help.</param>
    /// <param name="range">Smallest and largest value.</param>
    /// <param name="refusal">Makes the message for a value that is no number or out of range.</param>
    /// <param name="set">Stores the number.</param>
    public OptionTable<TSettings> Number(
        char? letter,
        string[] names,
        string argument,
        string help,
        (int Min, int Max) range,
        Func<string, string> refusal,
        Action<TSettings, int> set) =>
        Add(new Option<TSettings>(letter, names, argument, help, (settings, value) =>
        {
            if (!StrictNumber.TryParse(value, range.Min, range.Max, out int number))
            {
                return refusal(value);
            }

            set(settings, number);
            return null;
        }));

    /// <summary>Adds a row of any kind, for example an option without argument that may be refused.</summary>
    /// <exception cref="ArgumentException">The option has no name, or another one has the same.</exception>
    public OptionTable<TSettings> Add(Option<TSettings> option)
    {
        ArgumentNullException.ThrowIfNull(option);
        if (option.ShortName is null && option.LongNames.Count == 0)
        {
            throw new ArgumentException("An option needs a name.", nameof(option));
        }

        if (option.ShortName is char letter && FindLetter(letter) is not null)
        {
            throw new ArgumentException($"Two options are called -{letter}.", nameof(option));
        }

        foreach (string name in option.LongNames)
        {
            if (_byName.Exists(entry => entry.Name == name))
            {
                throw new ArgumentException($"Two options are called --{name}.", nameof(option));
            }

            _byName.Add((name, option));
        }

        _options.Add(option);
        return this;
    }

    /// <summary>Reads a command line into <paramref name="settings"/>.</summary>
    /// <param name="programName">The name of the program as it was called; errors begin with it.</param>
    /// <param name="arguments">The words after the program's name.</param>
    /// <param name="settings">What the options' setters fill.</param>
    /// <param name="stopAtFirstWord">True when <c>POSIXLY_CORRECT</c> is set: all that follows a stray word is a word too.</param>
    public CommandLineResult Parse(
        string programName,
        IReadOnlyList<string> arguments,
        TSettings settings,
        bool stopAtFirstWord = false)
    {
        ArgumentNullException.ThrowIfNull(arguments);
        Reading reading = new(this, programName, arguments, settings);
        reading.Run(stopAtFirstWord);
        return reading.Result;
    }

    /// <summary>The list of options for <c>--help</c>, one or more lines each, every line ended by a newline.</summary>
    public string FormatHelp()
    {
        StringBuilder help = new();
        foreach (Option<TSettings> option in _options)
        {
            string names = option.ShortName is char letter ? $" -{letter}" : "   ";
            names += string.Concat(option.LongNames.Select((name, i) => (i > 0 || option.ShortName is not null ? ", " : "  ") + "--" + name));
            names += option.IsArgumentOptional ? $"[={option.ArgumentName}]" : option.TakesArgument ? " " + option.ArgumentName : "";
            AppendHelp(help, names, option.Help);
        }

        return help.ToString();
    }

    private Option<TSettings>? FindLetter(char letter) => _options.Find(option => option.ShortName == letter);

    private static void AppendHelp(StringBuilder help, string names, string text)
    {
        string line = names;
        if (names.Length >= HelpColumn)
        {
            help.Append(names).Append('\n');
            line = "";
        }

        line = line.PadRight(HelpColumn - 1);
        foreach (string word in text.Split(' '))
        {
            if (line.Length + 1 + word.Length > HelpWidth)
            {
                help.Append(line.TrimEnd()).Append('\n');
                line = new string(' ', HelpColumn - 1);
            }

            line += " " + word;
        }

        help.Append(line.TrimEnd()).Append('\n');
    }

    /// <summary>One pass over one command line.</summary>
    private sealed class Reading(OptionTable<TSettings> table, string programName, IReadOnlyList<string> arguments, TSettings settings)
    {
        private readonly List<string> _words = [];
        private readonly List<string> _rest = [];
        private readonly List<CommandLineError> _errors = [];
        private int _next;

        public CommandLineResult Result => new(_words, _rest, _errors);

        public void Run(bool stopAtFirstWord)
        {
            while (_next < arguments.Count)
            {
                string argument = arguments[_next++];
                if (argument == "--")
                {
                    break;
                }

                if (argument.Length < 2 || argument[0] != '-')
                {
                    _words.Add(argument);
                    if (stopAtFirstWord)
                    {
                        break;
                    }
                }
                else if (argument[1] == '-')
                {
                    ReadLong(argument[2..]);
                }
                else
                {
                    ReadShort(argument.AsSpan(1));
                }
            }

            _words.AddRange(arguments.Skip(_next));
        }

        private void ReadShort(ReadOnlySpan<char> bundle)
        {
            while (!bundle.IsEmpty)
            {
                char letter = bundle[0];
                bundle = bundle[1..];
                if (table.FindLetter(letter) is not { } option)
                {
                    UsageError($"invalid option -- '{letter}'");
                }
                else if (!option.TakesArgument)
                {
                    Apply(option, "");
                }
                else
                {
                    if (!bundle.IsEmpty)
                    {
                        Apply(option, bundle.ToString());
                    }
                    else if ((option.IsArgumentOptional ? TakeNumber() : TakeNext()) is string value)
                    {
                        Apply(option, value);
                    }
                    else
                    {
                        UsageError($"option requires an argument -- '{letter}'");
                    }

                    return;
                }
            }
        }

        private void ReadLong(string text)
        {
            int equals = text.IndexOf('=', StringComparison.Ordinal);
            string? value = equals < 0 ? null : text[(equals + 1)..];
            if (Find(equals < 0 ? text : text[..equals], text) is not (string name, Option<TSettings> option))
            {
                return;
            }

            if (!option.TakesArgument && value is not null)
            {
                UsageError($"option '--{name}' doesn't allow an argument");
            }
            else if (option is { TakesArgument: true, IsArgumentOptional: false } && (value ??= TakeNext()) is null)
            {
                UsageError($"option '--{name}' requires an argument");
            }
            else
            {
                Apply(option, value ?? (option.IsArgumentOptional ? TakeNumber() : ""));
            }
        }

        /// <summary>The option of that name, or the only one whose name begins so; the errors quote the word with its value, as getopt does.</summary>
        private (string Name, Option<TSettings> Option)? Find(string prefix, string quoted)
        {
            int exact = table._byName.FindIndex(entry => entry.Name == prefix);
            if (exact >= 0)
            {
                return table._byName[exact];
            }

            List<(string Name, Option<TSettings> Option)> candidates = Candidates(prefix, givingWay: false);
            if (candidates.Count == 0)
            {
                candidates = Candidates(prefix, givingWay: true);
            }

            switch (candidates.Count)
            {
                case 0:
                    UsageError($"unrecognized option '--{quoted}'");
                    return null;
                case 1:
                    return candidates[0];
                default:
                    string names = string.Concat(candidates.Select(entry => $" '--{entry.Name}'"));
                    UsageError($"option '--{quoted}' is ambiguous; possibilities:{names}");
                    return null;
            }
        }

        private List<(string Name, Option<TSettings> Option)> Candidates(string prefix, bool givingWay)
        {
            List<(string Name, Option<TSettings> Option)> candidates = [];
            foreach ((string Name, Option<TSettings> Option) entry in table._byName)
            {
                // An alias of the first candidate is not a second one.
                bool fits = entry.Option.GivesWay == givingWay && entry.Name.StartsWith(prefix, StringComparison.Ordinal);
                if (fits && (candidates.Count == 0 || entry.Option != candidates[0].Option))
                {
                    candidates.Add(entry);
                }
            }

            return candidates;
        }

        /// <summary>The next word whatever it looks like, as getopt takes it.</summary>
        private string? TakeNext() => _next < arguments.Count ? arguments[_next++] : null;

        private string TakeNumber() => _next < arguments.Count && arguments[_next].Length > 0 && arguments[_next].All(char.IsAsciiDigit) ? arguments[_next++] : "";

        private void Apply(Option<TSettings> option, string value)
        {
            if (option.TakesRest)
            {
                _rest.AddRange(arguments.Skip(_next));
                _next = arguments.Count;
            }

            if (option.Set(settings, value) is string refusal)
            {
                _errors.Add(new CommandLineError(CommandLineErrorKind.Value, refusal));
            }
        }

        private void UsageError(string text) =>
            _errors.Add(new CommandLineError(CommandLineErrorKind.Usage, $"{programName}: {text}"));
    }
}
