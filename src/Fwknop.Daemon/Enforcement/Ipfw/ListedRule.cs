namespace Fwknop.Daemon.Enforcement.Ipfw;

/// <summary>A rule as ipfw lists it.</summary>
/// <param name="Number">Its number, which others may have, too.</param>
/// <param name="Set">Its set.</param>
/// <param name="IsDisabled">True when the set is.</param>
/// <param name="Text">What follows the number and the set: action, body, comment.</param>
internal sealed record ListedRule(int Number, int Set, bool IsDisabled, string Text)
{
    /// <summary>EXP, when it has a comment as fwknop writes it, else null.</summary>
    public long? Epoch => IpfwRuleText.EpochOf(Text);

    /// <summary>True for a rule that looks for connections that exist, and does nothing else.</summary>
    public bool IsCheckState => Text == IpfwRuleText.CheckState || Text.StartsWith($"{IpfwRuleText.CheckState} ", StringComparison.Ordinal);
}
