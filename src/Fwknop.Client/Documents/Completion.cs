using System.Text;

namespace Fwknop.Client;

/// <summary>
/// Completion scripts for shells, made from the option table. They offer options, values of fixed lists, files, hosts, and the names that
/// <c>fwknop --stanza-list</c> prints.
/// </summary>
internal static class Completion
{
    public static string[] Shells { get; } = ["bash", "zsh", "fish"];

    /// <param name="shell">One of <see cref="Shells"/>.</param>
    /// <returns>The script, or null for another shell.</returns>
    public static string? Script(string shell) => shell switch
    {
        "bash" => BashCompletion.Script(),
        "zsh" => ZshCompletion.Script(),
        "fish" => FishCompletion.Script(),
        _ => null,
    };

    public static SetResult SetCompletion(Settings settings, string shell)
    {
        settings.CompletionShell = shell;
        return Shells.Contains(shell) ? SetResult.Accepted : SetResult.Refused($"Unknown shell '{shell}', must be bash, zsh or fish");
    }

    /// <summary>The rows that are options, in the order of the table.</summary>
    public static IEnumerable<ClientOption> Options => ClientOptions.Table.Where(option => option.Names.Length > 0);

    public static ArgumentKind KindOf(ClientOption option) => option switch
    {
        { Argument: null } or { IsArgumentOptional: true } => ArgumentKind.None,
        { Values.Count: > 0 } => ArgumentKind.Value,
        { Argument: "FILE" } => ArgumentKind.File,
        { Argument: "DIRECTORY" } => ArgumentKind.Directory,
        { Argument: "STANZA" } => ArgumentKind.Stanza,
        { Argument: "COMMAND" } => ArgumentKind.Command,
        { Argument: ['H', 'O', 'S', 'T', ..] } => ArgumentKind.Host,
        _ => ArgumentKind.Text,
    };

    /// <summary>All ways to write the option: <c>-A</c>, <c>--access</c>.</summary>
    public static IEnumerable<string> Spellings(ClientOption option) =>
        (option.Letter is { } letter ? [$"-{letter}"] : Array.Empty<string>()).Concat(option.Names.Select(name => $"--{name}"));

    public static StringBuilder Line(this StringBuilder script, string line) => script.Append(line).Append('\n');
}
