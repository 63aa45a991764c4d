namespace Fwknop.Daemon.Enforcement.Iptables;

/// <summary>A rule that a grant comes to, as it is written (server.md 9.2.2).</summary>
/// <param name="Rule">The rule.</param>
/// <param name="Conditions">What is before the comment: <c>-p 6 -s 10.0.0.1 -d 0.0.0.0/0 --dport 22</c>.</param>
/// <param name="Action">What is behind it: <c>-j ACCEPT</c>.</param>
internal sealed record WrittenRule(IptablesRule Rule, string Conditions, string Action)
{
    /// <summary>With the time at which it ends, in seconds since 1970.</summary>
    public string TextUntil(long epoch) => FormattableString.Invariant($"{Conditions} -m comment --comment _exp_{epoch} {Action}");
}
