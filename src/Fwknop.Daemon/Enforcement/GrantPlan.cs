using Fwknop.Grants;

namespace Fwknop.Daemon.Enforcement;

/// <summary>What a batch of grants comes to, before anything is done about it.</summary>
internal sealed class GrantPlan
{
    private readonly IReadOnlyList<FirewallGrant> _batch;
    private readonly IReadOnlyList<string?> _refusals;
    private readonly IReadOnlyList<(int Grant, GrantKey Key, bool IsNew)> _requests;
    private readonly Dictionary<GrantKey, GrantChange> _changes;

    public GrantPlan(
        IReadOnlyList<FirewallGrant> batch,
        IReadOnlyList<string?> refusals,
        IReadOnlyList<(int Grant, GrantKey Key, bool IsNew)> requests,
        Dictionary<GrantKey, GrantChange> changes)
    {
        _batch = batch;
        _refusals = refusals;
        _requests = requests;
        _changes = changes;
    }

    /// <summary>Every key once, with its end after the whole batch.</summary>
    public IReadOnlyCollection<GrantChange> Changes => _changes.Values;

    /// <summary>Those of one address family.</summary>
    public IReadOnlyList<GrantChange> ChangesOf(bool ipv6) => [.. Changes.Where(change => change.Key.IsIPv6 == ipv6)];

    /// <summary>
    /// The log lines and outcomes once the firewall has answered: one line per rule with the whole request in it
    /// (server.md 9.2.3).
    /// </summary>
    /// <param name="failure">Null if the transaction was done, otherwise why not; IPv6 and IPv4 may be two transactions.</param>
    /// <param name="rules">The rules of a grant, and the chains that they are in.</param>
    /// <param name="log">Where they go.</param>
    public IReadOnlyList<GrantOutcome> Report(Func<bool, string?> failure, Func<GrantKey, IEnumerable<(string Name, string Chain)>> rules, IFirewallLog log) =>
        Report(failure, new ChainLines(rules), log);

    /// <summary>The same, in the words of another firewall.</summary>
    /// <param name="failure">Null if the transaction was done, otherwise why not; IPv6 and IPv4 may be two transactions.</param>
    /// <param name="lines">The words of this firewall.</param>
    /// <param name="log">Where they go.</param>
    public IReadOnlyList<GrantOutcome> Report(Func<bool, string?> failure, IRuleLines lines, IFirewallLog log)
    {
        GrantOutcome[] outcomes = new GrantOutcome[_batch.Count];
        for (int i = 0; i < _batch.Count; i++)
        {
            if ((_refusals[i] ?? failure(_batch[i].IsIPv6)) is string reason)
            {
                (string text, string chain) = lines.Failed(_batch[i]);
                LogEvent failed = new LogEvent(LogEventKind.RuleFailed)
                    .With(LogField.Allow, NetworkText.Of(_batch[i].Source))
                    .With(LogField.Destination, _batch[i].Destination)
                    .With(LogField.Ports, _batch[i].Ports)
                    .With(LogField.Chain, chain)
                    .With(LogField.Error, reason);
                log.Error($"{text}: {reason}", failed);
            }
        }

        foreach ((int grant, GrantKey key, bool isNew) in _requests)
        {
            if (failure(key.IsIPv6) is not null)
            {
                continue;
            }

            long epoch = _changes[key].After.Epoch;
            LogEventKind kind = isNew ? LogEventKind.RuleAdded : LogEventKind.RuleExtended;
            foreach ((string text, string chain) in lines.Opened(_batch[grant], key, epoch, isNew))
            {
                log.Info(text, key.About(kind, chain, epoch));
            }

            outcomes[grant] = isNew || outcomes[grant] == GrantOutcome.Added ? GrantOutcome.Added : GrantOutcome.Extended;
        }

        return outcomes;
    }
}
