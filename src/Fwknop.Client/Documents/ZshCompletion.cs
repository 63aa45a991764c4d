using System.Text;

namespace Fwknop.Client;

/// <summary>The completion function for zsh, to be put into a folder of <c>fpath</c> as <c>_fwknop</c>.</summary>
internal static class ZshCompletion
{
    private const string Start = """
        #compdef fwknop
        # zsh completion for fwknop, made by `fwknop --completion zsh`.

        _fwknop_stanzas() {
            local -a rc names
            local -i place=${words[(i)--rc-file]}
            ((place < CURRENT - 1)) && rc=(--rc-file ${(Q)words[place + 1]})
            names=(${(f)"$(_call_program stanzas fwknop --stanza-list ${(q)rc} 2>/dev/null </dev/null | sed -n 's/^ - //p')"})
            _wanted stanzas expl 'stanza' compadd -a names
        }

        _fwknop() {
            _arguments -s -S \

        """;

    private const string End = """

        }

        _fwknop "$@"

        """;

    public static string Script()
    {
        List<string> specifications = [];
        foreach (ClientOption option in Completion.Options)
        {
            string all = string.Join(' ', Completion.Spellings(option));
            foreach (string spelling in Completion.Spellings(option))
            {
                string repeat = option.Names[0] == "verbose" ? "*" : $"({all})";
                string glued = option.Argument is null ? string.Empty : spelling[1] == '-' ? "=" : "+";
                glued += option.IsArgumentOptional ? "-" : string.Empty;
                string argument = option.IsArgumentOptional ? $"::{Escape(option.Argument!)}:"
                    : option.Argument is { } name ? $":{Escape(name)}:{Action(option)}" : string.Empty;
                specifications.Add($"        {ShellWords.Quote($"{repeat}{spelling}{glued}[{Escape(option.Help)}]{argument}")}");
            }
        }

        return Start + string.Join(" \\\n", specifications) + End;
    }

    private static string Action(ClientOption option) => Completion.KindOf(option) switch
    {
        ArgumentKind.Value => $"({string.Join(' ', option.Values)})",
        ArgumentKind.File => "_files",
        ArgumentKind.Directory => "_files -/",
        ArgumentKind.Host => "_hosts",
        ArgumentKind.Command => "_command_names -e",
        ArgumentKind.Stanza => "_fwknop_stanzas",
        _ => " ",
    };

    private static string Escape(string text)
    {
        StringBuilder escaped = new();
        foreach (char character in text)
        {
            escaped.Append(character is '[' or ']' or ':' or '\\' ? "\\" : string.Empty).Append(character);
        }

        return escaped.ToString();
    }
}
