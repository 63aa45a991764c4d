namespace Fwknop.Daemon.Enforcement.Pf;

/// <summary>
/// What is in the anchor, line by line as pfctl shows it. It is changed as a whole: rules of others go back as they were read, and so do ours of the seconds
/// (EXP) that a change is not about; those of the others are written anew.
/// </summary>
internal sealed class PfAnchor
{
    private readonly IReadOnlyList<(string Text, long? Epoch)> _lines;

    private PfAnchor(IReadOnlyList<(string Text, long? Epoch)> lines) => _lines = lines;

    /// <summary>EXP of each rule that has one.</summary>
    public IEnumerable<long> Epochs => _lines.Where(line => line.Epoch is not null).Select(line => line.Epoch!.Value);

    /// <summary>Reads <c>pfctl -s rules</c>.</summary>
    public static PfAnchor Read(string output) =>
        new([.. output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Where(line => !string.IsNullOrWhiteSpace(line)).Select(line => (line, PfRuleText.EpochOf(line)))]);

    /// <summary>The text to load.</summary>
    /// <param name="without">The seconds whose rules go.</param>
    /// <param name="with">The rules that are added.</param>
    /// <returns>Lines; nothing when the anchor is to be empty.</returns>
    public string Text(IReadOnlySet<long> without, IEnumerable<(GrantKey Key, long Epoch)> with) => string.Concat(
        _lines.Where(line => line.Epoch is not { } epoch || !without.Contains(epoch)).Select(line => line.Text)
            .Concat(with.Select(rule => PfRuleText.Of(rule.Key, rule.Epoch)))
            .Select(line => $"{line}\n"));
}
