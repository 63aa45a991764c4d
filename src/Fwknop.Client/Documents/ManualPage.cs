using System.Reflection;
using System.Text;

namespace Fwknop.Client;

/// <summary>
/// The manual page <c>fwknop.8</c>. The file in <c>packaging/man</c> is part of the program and is its own template: what stands there
/// between the comments <c>.\" generated: NAME</c> and <c>.\" end</c> is made anew from the option table, the rest is written by hand.
/// </summary>
internal static class ManualPage
{
    private const string Begin = ".\\\" generated: ";
    private const string End = ".\\\" end";

    /// <summary>The headings of OPTIONS, each with the first option below it.</summary>
    public static (string Title, string FirstOption)[] Sections { get; } =
    [
        ("What to ask for", "access"), ("How to send", "server-proto"), ("Keys and cryptography", "digest-type"),
        ("What follows the knock", "wait"), ("Files and the rest", "named-config"),
    ];

    /// <summary>The page as it was built in.</summary>
    public static string Committed { get; } = Read();

    /// <summary>The page as the option table has it now.</summary>
    public static string Text()
    {
        StringBuilder page = new();
        bool isGenerated = false;
        foreach (string line in Committed.TrimEnd('\n').Split('\n'))
        {
            isGenerated &= line != End;
            if (!isGenerated)
            {
                page.Line(line);
            }

            if (line.StartsWith(Begin, StringComparison.Ordinal))
            {
                isGenerated = true;
                page.Append(line[Begin.Length..] == "options" ? Options() : Keywords());
            }
        }

        return page.ToString();
    }

    private static string Options()
    {
        StringBuilder text = new();
        foreach (ClientOption option in Completion.Options)
        {
            foreach ((string title, string firstOption) in Sections)
            {
                if (firstOption == option.Names[0])
                {
                    text.Line($".SS {title}");
                }
            }

            string argument = option.Argument is { } name ? $"=\\fI{Escape(name.ToLowerInvariant())}\\fR" : string.Empty;
            argument = option.IsArgumentOptional ? $"[{argument}]" : argument;
            text.Line(".TP").Line(string.Join(", ", Completion.Spellings(option).Select(Bold)) + argument);
            text.Line(Markup(option.Help));
            if (ManualNotes.Of(option) is { } note)
            {
                text.Line(Markup(note));
            }
        }

        return text.ToString();
    }

    private static string Keywords()
    {
        StringBuilder text = new();
        foreach (ClientOption option in ClientOptions.Table)
        {
            if (option.Keyword is { } keyword)
            {
                string argument = option.SetFromRc is null ? string.Empty
                    : option.Argument is { } name ? $"\\fI{Escape(name.ToLowerInvariant())}\\fR"
                    : option.Names.Length > 0 ? "Y|N" : "\\fIvalue\\fR";
                text.Line(".TP").Line($"{Bold(keyword)} {argument}");
                text.Line(option.Names.Length > 0 ? $"As {Bold($"--{option.Names[0]}")}." : Markup(option.Help));
                if (ManualNotes.Of(keyword) is { } note)
                {
                    text.Line(Markup(note));
                }
            }
        }

        return text.ToString();
    }

    private static string Bold(string text) => $"\\fB{Escape(text)}\\fR";

    // Words in backquotes are bold.
    private static string Markup(string text)
    {
        string[] parts = text.Split('`');
        string line = string.Concat(parts.Select((part, number) => number % 2 == 0 ? Escape(part) : Bold(part)));
        return line[0] is '.' or '\'' ? $"\\&{line}" : line;
    }

    private static string Escape(string text) =>
        text.Replace("\\", "\\e", StringComparison.Ordinal).Replace("-", "\\-", StringComparison.Ordinal)
            .Replace("'", "\\(aq", StringComparison.Ordinal).Replace("~", "\\(ti", StringComparison.Ordinal)
            .Replace("^", "\\(ha", StringComparison.Ordinal);

    private static string Read()
    {
        using Stream page = Assembly.GetExecutingAssembly().GetManifestResourceStream("fwknop.8")!;
        using StreamReader reader = new(page, Encoding.UTF8);
        return reader.ReadToEnd();
    }
}
