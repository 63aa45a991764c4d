using System.Text;

namespace Fwknop.Client;

/// <summary>The completion script for fish 3 and later.</summary>
internal static class FishCompletion
{
    private const string Start = """
        # fish completion for fwknop, made by `fwknop --completion fish`.

        function __fwknop_stanzas
            set -l words (commandline -opc)
            set -l rc
            if set -l place (contains -i -- --rc-file $words)
                set rc --rc-file $words[(math $place + 1)]
            end
            fwknop --stanza-list $rc 2>/dev/null </dev/null | sed -n 's/^ - //p'
        end

        complete -c fwknop -f
        """;

    public static string Script()
    {
        StringBuilder script = new();
        script.Line(Start);
        foreach (ClientOption option in Completion.Options)
        {
            foreach (string name in option.Names)
            {
                string letter = option.Letter is { } character && name == option.Names[0] ? $" -s {character}" : string.Empty;
                script.Line($"complete -c fwknop{letter} -l {name}{Action(option)} -d {Quote(option.Help)}");
            }
        }

        return script.ToString();
    }

    private static string Action(ClientOption option) => Completion.KindOf(option) switch
    {
        ArgumentKind.None => string.Empty,
        ArgumentKind.Value => $" -xa {Quote(string.Join(' ', option.Values))}",
        ArgumentKind.File => " -rF",
        ArgumentKind.Directory => " -xa '(__fish_complete_directories)'",
        ArgumentKind.Host => " -xa '(__fish_print_hostnames)'",
        ArgumentKind.Command => " -xa '(__fish_complete_command)'",
        ArgumentKind.Stanza => " -xa '(__fwknop_stanzas)'",
        _ => " -x",
    };

    // In single quotes fish knows two escapes.
    private static string Quote(string text) =>
        $"'{text.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("'", "\\'", StringComparison.Ordinal)}'";
}
