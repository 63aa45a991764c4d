using System.Text.RegularExpressions;
using Fwknop.TestSupport;

namespace Fwknop.Daemon.Tests.Enforcement;

/// <summary>
/// A program that owns all tables of nftables with what is in them (<c>flags owner</c>): everybody sees them, and the kernel lets nobody else change them. When it
/// ends the kernel removes them.
/// </summary>
internal sealed partial class RulesetOwner : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    private readonly TemporaryFolder _folder = new();
    private readonly NetworkNamespace _space;
    private readonly RunningProcess _owner;
    private readonly StreamWriter _commands;

    public RulesetOwner(NetworkNamespace space)
    {
        _space = space;
        string tables = _folder.Write("tables", $"flush ruleset\n{TableLine().Replace(Ruleset, "$0\n\tflags owner")}");
        string pipe = _folder.FilePath("commands");
        ProcessRun.RunChecked(new ProcessCommand("mkfifo", [pipe]));
        _owner = space.Start("sh", "-c", $"exec nft -i <{pipe}");
        _commands = new StreamWriter(pipe);
        _commands.Write($"include \"{tables}\"\n");
        _commands.Flush();
        Deadline.WaitUntil(() => Ruleset.Contains("flags owner", StringComparison.Ordinal), Patience, "nft to own the tables");
    }

    private string Ruleset => _space.RunChecked("nft", "list", "ruleset").Output;

    /// <summary>A listing as it is without an owner.</summary>
    public static string Without(string listing) => OwnerLine().Replace(listing, "");

    public void Dispose()
    {
        _commands.Dispose();
        _owner.WaitForExit();
        _owner.Dispose();
        Deadline.WaitUntil(() => Ruleset.Length == 0, Patience, "the end of what nft owned");
        _folder.Dispose();
    }

    [GeneratedRegex(@"^table .* \{$", RegexOptions.CultureInvariant | RegexOptions.Multiline)]
    private static partial Regex TableLine();

    [GeneratedRegex(@"( # progname nft)?\n\tflags owner\n(?=\n)", RegexOptions.CultureInvariant)]
    private static partial Regex OwnerLine();
}
