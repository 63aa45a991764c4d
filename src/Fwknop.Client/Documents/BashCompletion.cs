using System.Text;

namespace Fwknop.Client;

/// <summary>The completion script for bash 4 and later.</summary>
internal static class BashCompletion
{
    private const string Start = """
        # bash completion for fwknop, made by `fwknop --completion bash`.

        _fwknop_stanzas() {
            local i rc=() names name
            for ((i = 1; i < COMP_CWORD; i++)); do
                case ${COMP_WORDS[i]} in
                    --rc-file)
                        rc=(--rc-file "${COMP_WORDS[i + 1]}")
                        [[ ${COMP_WORDS[i + 1]} == = ]] && rc=(--rc-file "${COMP_WORDS[i + 2]}")
                        ;;
                esac
            done
            mapfile -t names < <("$1" --stanza-list "${rc[@]}" 2>/dev/null </dev/null | sed -n 's/^ - //p')
            for name in "${names[@]}"; do
                [[ $name == "$2"* ]] && COMPREPLY+=("$(printf %q "$name")")
            done
        }

        # bash makes words of --name, = and value.
        _fwknop() {
            local current=${COMP_WORDS[COMP_CWORD]} option=${COMP_WORDS[COMP_CWORD - 1]}
            if [[ $current == = ]]; then
                current=
            elif [[ $option == = && COMP_CWORD -ge 2 ]]; then
                option=${COMP_WORDS[COMP_CWORD - 2]}
            fi
            COMPREPLY=()
            case $option in
        """;

    private const string End = """
            esac
            if [[ $current == -* ]]; then
                mapfile -t COMPREPLY < <(compgen -W "@OPTIONS@" -- "$current")
            fi
        }

        complete -F _fwknop fwknop

        """;

    public static string Script()
    {
        StringBuilder script = new();
        script.Line(Start);
        foreach (IGrouping<string, ClientOption> group in Completion.Options.Where(option => Completion.KindOf(option) != ArgumentKind.None).GroupBy(Action))
        {
            script.Line($"        {string.Join(" | ", group.SelectMany(Completion.Spellings))})");
            foreach (string line in group.Key.Split('\n'))
            {
                script.Line($"            {line}");
            }

            script.Line("            return").Line("            ;;");
        }

        script.Append(End);
        return script.ToString().Replace(
            "@OPTIONS@", string.Join(' ', Completion.Options.SelectMany(Completion.Spellings)), StringComparison.Ordinal);
    }

    private static string Action(ClientOption option) => Completion.KindOf(option) switch
    {
        ArgumentKind.Value => $"mapfile -t COMPREPLY < <(compgen -W {ShellWords.Quote(string.Join(' ', option.Values))} -- \"$current\")",
        ArgumentKind.File => Offer("compgen -f") + "\ncompopt -o filenames 2>/dev/null",
        ArgumentKind.Directory => Offer("compgen -d") + "\ncompopt -o filenames 2>/dev/null",
        ArgumentKind.Host => Offer("compgen -A hostname"),
        ArgumentKind.Command => Offer("compgen -c"),
        ArgumentKind.Stanza => "_fwknop_stanzas \"$1\" \"$current\"",
        _ => ":",
    };

    private static string Offer(string generator) => $"mapfile -t COMPREPLY < <({generator} -- \"$current\")";
}
