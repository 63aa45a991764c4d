using Fwknop.Daemon.Expiry;
using Fwknop.Daemon.Programs;
using Fwknop.Grants;

namespace Fwknop.Daemon.Enforcement.Pf;

/// <summary>
/// Grants as rules of PF in an anchor that pf.conf names, with <c>_exp_</c> labels (server.md 9.5). The anchor is read, changed and loaded whole: each
/// batch is one transaction.
/// </summary>
internal sealed class PfFirewall : IFirewall
{
    /// <summary>Our choice: a program that hangs is noticed.</summary>
    public static readonly TimeSpan ProgramTimeout = TimeSpan.FromSeconds(30);

    private const string NotForwarded = "nothing is forwarded with PF";

    private readonly string _anchor;
    private readonly PfProgram _program;
    private readonly IFirewallLog _log;
    private readonly GrantBook _book = new();
    private readonly RetryDelay _retry = new();

    /// <summary>EXP of rules that may be there though loading them failed.</summary>
    private readonly HashSet<long> _doubtful = [];
    private TimeSpan? _nextScan;

    public PfFirewall(string anchor, string executable, IFirewallLog log, TimeSpan? timeout = null)
    {
        _anchor = anchor;
        _program = new PfProgram(executable, anchor, timeout ?? ProgramTimeout, log);
        _log = log;
    }

    public string Name => "pf";

    public string Description => $"pf, anchor {_anchor}";

    public IEnumerable<LiveGrant> Live => _book.Live;

    public TimeSpan? NextDue => ((TimeSpan?[])[_book.NextDue, _nextScan]).Min();

    public void Prepare(Moment now, IReadOnlyCollection<LiveGrant> carried)
    {
        RequireProgram();
        Forget();
        ExternalResult anchors = _program.ListAnchors();
        if (!anchors.Succeeded)
        {
            throw new FirewallException($"pf cannot be used: {anchors.Error}");
        }

        if (!anchors.Output.Split('\n').Any(line => line.Trim() == _anchor))
        {
            _log.Warning("Warning: the fwknop anchor is not active in the pf policy");
            throw new FirewallException($"pf has no anchor '{_anchor}' (PF_ANCHOR_NAME): put 'anchor \"{_anchor}\"' into pf.conf and load it");
        }

        if (!TryStart(carried, now, out string error))
        {
            _program.Flush();
            Forget();
            throw new FirewallException($"pf cannot be used: {error}");
        }
    }

    public IReadOnlyList<GrantOutcome> Grant(IReadOnlyList<FirewallGrant> batch, Moment now)
    {
        GrantPlan plan = _book.Plan(batch, now, asked => asked.Translation is null ? null : NotForwarded);
        string? failure = plan.Changes.Count == 0 ? null : Open(plan.Changes, now);
        return plan.Report(_ => failure, new PfLines(_anchor), _log);
    }

    public int Expire(Moment now)
    {
        IReadOnlyList<LiveGrant> due = _book.TakeDue(now);
        if (due.Count == 0 && !(_nextScan <= now.Monotonic))
        {
            return 0;
        }

        if (TryRemoveDue(due, now, out string error))
        {
            _retry.Reset();
            return due.Count;
        }

        _log.Error($"Could not remove expired rules from pf anchor {_anchor}, trying again: {error}", FirewallEvents.Failed(error));
        _nextScan = now.Monotonic + _retry.Take();
        foreach ((GrantKey key, GrantEnd end) in due)
        {
            _book.Add(key, end with { Due = _nextScan.Value });
        }

        return 0;
    }

    public string? Revoke(IReadOnlyCollection<GrantKey> keys, Moment now)
    {
        HashSet<GrantKey> revoked = [.. keys];
        HashSet<long> touched = [.. _book.Live.Where(grant => revoked.Contains(grant.Key)).Select(grant => grant.End.Epoch)];
        if (touched.Count > 0
            && (!TryRead(out PfAnchor present, out string error)
                || !TryReplace(present.Text(touched, RulesOf(touched, except: revoked)), out error)))
        {
            return error;
        }

        _book.Remove(keys);
        return null;
    }

    /// <summary>PF has no timeouts, and no setting keeps rules.</summary>
    public bool TearDown() => Abandon();

    public bool Abandon()
    {
        Forget();
        return TryFlush();
    }

    public void GiveWay(IFirewall successor)
    {
        Forget();
        if (successor is not PfFirewall next || next._anchor != _anchor || next._program.Executable != _program.Executable)
        {
            TryFlush();
        }
    }

    public bool Flush()
    {
        RequireProgram();
        return TryFlush();
    }

    public void List(TextWriter output, bool all)
    {
        RequireProgram();
        output.Write($"Listing fwknopd pf rules...\n\nActive Rules in PF anchor '{_anchor}':\n");
        ExternalResult listing = _program.ListRules();
        output.Write(listing.Output);
        if (!listing.Succeeded)
        {
            _log.Error(listing.Error);
        }
    }

    public void Dispose()
    {
    }

    private void RequireProgram()
    {
        if (!Path.IsPathFullyQualified(_program.Executable))
        {
            throw FirewallException.OtherProgram("pfctl", _program.Executable);
        }
    }

    private void Forget()
    {
        _book.Clear();
        _doubtful.Clear();
        _retry.Reset();
        _nextScan = null;
    }

    private bool TryFlush()
    {
        bool done = TryReplace("", out string error);
        if (!done)
        {
            _log.Error($"Could not remove the rules of pf anchor {_anchor}: {error}", FirewallEvents.Failed(error));
        }

        return done;
    }

    /// <summary>What is to be open from the beginning takes the place of all other rules of ours in one go.</summary>
    private bool TryStart(IReadOnlyCollection<LiveGrant> carried, Moment now, out string error)
    {
        foreach ((GrantKey key, _) in carried.Where(grant => grant.Key.Translation is not null))
        {
            EndLine.TellLeftOut(_log, key, NotForwarded);
        }

        foreach ((GrantKey key, GrantEnd end) in carried.Where(grant => grant.Key.Translation is null && grant.End.Due > now.Monotonic))
        {
            _book.Add(key, end);
        }

        if (_book.Count == 0)
        {
            return TryReplace("", out error);
        }

        return TryRead(out PfAnchor present, out error)
            && TryReplace(present.Text(present.Epochs.ToHashSet(), _book.Live.Select(grant => (grant.Key, grant.End.Epoch))), out error);
    }

    /// <summary>Null, or why nothing was opened.</summary>
    private string? Open(IReadOnlyCollection<GrantChange> changes, Moment now)
    {
        if (!TryRead(out PfAnchor present, out string error))
        {
            return error;
        }

        HashSet<long> touched = [.. changes.Where(IsFresh).Select(change => change.Before?.Epoch).OfType<long>()];
        if (IsEmptied(present, now))
        {
            _log.Warning($"Another program has emptied the pf anchor {_anchor}: making its rules again", FirewallEvents.Repaired());
            touched.UnionWith(_book.Live.Select(grant => grant.End.Epoch));
        }

        HashSet<GrantKey> changed = [.. changes.Select(change => change.Key)];
        (GrantKey Key, long Epoch)[] added =
        [
            .. RulesOf(touched, except: changed),
            .. changes.Where(change => IsFresh(change) || touched.Contains(change.After.Epoch)).Select(change => (change.Key, change.After.Epoch)),
        ];
        if (added.Length > 0 && !TryReplace(present.Text(touched, added), out error))
        {
            // A program that was killed may have done it before.
            _log.Warning("Could not write rule to pf anchor");
            _doubtful.UnionWith(added.Select(rule => rule.Epoch));
            _nextScan = now.Monotonic + RetryDelay.First;
            return error;
        }

        _book.Commit(changes);
        return null;
    }

    private static bool IsFresh(GrantChange change) => change.Before?.Epoch != change.After.Epoch;

    /// <summary>Whoever emptied the anchor did not mean to shut out those who have been granted.</summary>
    private bool IsEmptied(PfAnchor present, Moment now)
    {
        HashSet<long> ours = [.. _book.Live.Where(grant => grant.End.Due > now.Monotonic).Select(grant => grant.End.Epoch)];
        return ours.Count > 0 && !present.Epochs.Any(ours.Contains);
    }

    /// <summary>The rules of open grants that end in these seconds.</summary>
    private IEnumerable<(GrantKey Key, long Epoch)> RulesOf(HashSet<long> epochs, HashSet<GrantKey> except) => _book.Live
        .Where(grant => epochs.Contains(grant.End.Epoch) && !except.Contains(grant.Key))
        .Select(grant => (grant.Key, grant.End.Epoch));

    /// <summary>
    /// Removes the rules of grants that are due, and every other rule whose time is up. Whether one of ours is due is decided by its deadline; the date in its
    /// label counts only for rules of others.
    /// </summary>
    private bool TryRemoveDue(IReadOnlyList<LiveGrant> due, Moment now, out string error)
    {
        if (!TryRead(out PfAnchor present, out error))
        {
            return false;
        }

        HashSet<long> live = [.. _book.Live.Select(grant => grant.End.Epoch)];
        HashSet<long> ended = [.. due.Select(grant => grant.End.Epoch), .. _doubtful];
        HashSet<long> others = [.. present.Epochs.Where(epoch => !live.Contains(epoch) && !ended.Contains(epoch))];
        HashSet<long> foreign = [.. others.Where(epoch => now.Until(epoch) <= TimeSpan.Zero)];
        ended.UnionWith(foreign);
        ended.IntersectWith(present.Epochs);
        if (ended.Count > 0 && !TryReplace(present.Text(ended, RulesOf(ended, except: [])), out error))
        {
            return false;
        }

        foreach ((GrantKey key, GrantEnd end) in due.Where(grant => ended.Contains(grant.End.Epoch)))
        {
            _log.Info($"Deleting rule with expire time of {end.Epoch}.", key.About(LogEventKind.GrantClosed, _anchor, end.Epoch));
        }

        foreach (long epoch in present.Epochs.Where(foreign.Contains))
        {
            _log.Info($"Deleting rule with expire time of {epoch}.");
        }

        _doubtful.Clear();
        _nextScan = others.Except(foreign).Select(epoch => (TimeSpan?)(now.Monotonic + now.Until(epoch))).Min();
        return true;
    }

    private bool TryRead(out PfAnchor anchor, out string error)
    {
        ExternalResult listing = _program.ListRules();
        anchor = PfAnchor.Read(listing.Output);
        error = listing.Error;
        return listing.Succeeded;
    }

    private bool TryReplace(string rules, out string error)
    {
        ExternalResult result = rules.Length == 0 ? _program.Flush() : _program.Load(rules);
        error = result.Error;
        return result.Succeeded;
    }
}
