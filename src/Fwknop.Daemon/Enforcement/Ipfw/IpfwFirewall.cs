using System.Net;
using Fwknop.Configuration.Server;
using Fwknop.Daemon.Expiry;
using Fwknop.Daemon.Programs;

namespace Fwknop.Daemon.Enforcement.Ipfw;

/// <summary>
/// Grants as rules of ipfw in a set of their own, with <c>_exp_</c> comments (server.md 9.4). Rules whose time is up move to a disabled set, where
/// the connections that they let in keep them, and are deleted when no connection is left.
/// </summary>
internal sealed class IpfwFirewall : IFirewall
{
    /// <summary>Our choice: a program that hangs is noticed.</summary>
    public static readonly TimeSpan ProgramTimeout = TimeSpan.FromSeconds(30);

    private const string NotForwarded = "nothing is forwarded with ipfw";

    private readonly IpfwSettings _settings;
    private readonly IpfwProgram _program;
    private readonly IpfwExpireSet _expireSet;
    private readonly IpfwActiveSet _activeSet;
    private readonly IFirewallLog _log;
    private readonly GrantBook _book = new();
    private readonly RetryDelay _retry = new();

    public IpfwFirewall(IpfwSettings settings, string executable, IFirewallLog log, TimeSpan? timeout = null)
    {
        _settings = settings;
        _log = log;
        _program = new IpfwProgram(executable, settings, timeout ?? ProgramTimeout, log);
        _expireSet = new IpfwExpireSet(settings, _program, log);
        _activeSet = new IpfwActiveSet(settings, _program, _expireSet, log);
    }

    public string Name => "ipfw";

    public string Description => $"ipfw, {_activeSet.Name}";

    public IEnumerable<LiveGrant> Live => _book.Live;

    public TimeSpan? NextDue => ((TimeSpan?[])[_book.NextDue, _activeSet.Rules.NextDue, _expireSet.NextDue]).Min();

    public void Prepare(Moment now, IReadOnlyCollection<LiveGrant> carried)
    {
        RequireProgram();
        Forget();
        ExternalResult present = _program.ListActive();
        if (!present.Succeeded)
        {
            throw new FirewallException($"ipfw cannot be used: {present.Error}");
        }

        if (!TryStart(present.Output, carried, now, out string error))
        {
            _program.DeleteActive();
            Forget();
            throw new FirewallException($"ipfw cannot be used: {error}");
        }
    }

    /// <summary>Each packet is a transaction of its own: ipfw has none, and what fails for one can be done for another.</summary>
    public IReadOnlyList<GrantOutcome> Grant(IReadOnlyList<FirewallGrant> batch, Moment now)
    {
        string? broken = _activeSet.TryLook(out string error) ? null : error;
        IpfwLines lines = new(_activeSet.Name, key => _activeSet.Rules.Of(key).Select(rule => rule.Number).LastOrDefault());
        List<GrantOutcome> outcomes = [];
        foreach (FirewallGrant grant in batch)
        {
            GrantPlan plan = _book.Plan([grant], now, asked => asked.Translation is null ? null : NotForwarded);
            string? failure = broken ?? Open(plan.Changes, now, out broken);
            outcomes.AddRange(plan.Report(_ => failure, lines, _log));
        }

        return outcomes;
    }

    public int Expire(Moment now)
    {
        Dictionary<GrantKey, GrantEnd> ended = _book.TakeDue(now).ToDictionary(grant => grant.Key, grant => grant.End);
        List<IpfwRule> due = [.. _activeSet.Rules.TakeDue(now)];
        if (due.Count > 0)
        {
            RemoveDue(due, ended, now);
        }

        if (_expireSet.NextDue <= now.Monotonic)
        {
            _expireSet.Purge(now);
        }

        return ended.Count;
    }

    public string? Revoke(IReadOnlyCollection<GrantKey> keys, Moment now)
    {
        string error = "";
        if (keys.Any(key => _activeSet.Rules.Of(key).Count > 0) && !_activeSet.TryLook(out error))
        {
            return error;
        }

        string? failure = null;
        foreach (IpfwRule rule in keys.SelectMany(_activeSet.Rules.Of).Distinct().ToArray())
        {
            failure = _activeSet.TryLeaveOut(rule, keys, now, out error) ? failure : error;
        }

        _book.Remove(keys.Where(key => _activeSet.Rules.Of(key).Count == 0));
        return failure;
    }

    public bool TearDown()
    {
        if (_settings.FlushesAtExit)
        {
            return Abandon();
        }

        if (_activeSet.Rules.All.Count > 0)
        {
            _log.Warning($"FLUSH_IPFW_AT_EXIT N: {_activeSet.Rules.All.Count} rules stay in {_activeSet.Name} until fwknopd runs again");
        }

        return true;
    }

    /// <summary>ipfw has no timeouts: what is in force now would stay so. What has expired is disabled, and stays for its connections.</summary>
    public bool Abandon()
    {
        Forget();
        return TryEmpty();
    }

    public void GiveWay(IFirewall successor)
    {
        IpfwSettings? next = successor is IpfwFirewall other && other._program.Executable == _program.Executable ? other._settings : null;
        if (next?.ActiveSet != _settings.ActiveSet)
        {
            TryEmpty();
        }

        if (next?.ExpireSet != _settings.ExpireSet)
        {
            _expireSet.Empty();
        }

        Forget();
    }

    public bool Flush()
    {
        RequireProgram();
        return TryEmpty();
    }

    public void List(TextWriter output, bool all)
    {
        RequireProgram();
        if (all)
        {
            output.Write("Listing all ipfw rules...\n");
            Write(output, _program.ShowEverything());
            return;
        }

        output.Write("Listing fwknopd ipfw rules...\n\nActive Rules:\n");
        Write(output, _program.Show(active: true));
        if (_expireSet.IsUsed)
        {
            output.Write("\nExpired Rules:\n");
            Write(output, _program.Show(active: false));
        }
    }

    public void Dispose()
    {
    }

    private void RequireProgram()
    {
        if (!Path.IsPathFullyQualified(_program.Executable))
        {
            throw FirewallException.OtherProgram("ipfw", _program.Executable);
        }
    }

    private void Forget()
    {
        _book.Clear();
        _activeSet.Forget();
        _expireSet.Forget();
        _retry.Reset();
    }

    private bool TryEmpty()
    {
        bool done = _activeSet.TryEmpty(out string error);
        if (!done)
        {
            _log.Error($"Could not remove the rules of {_activeSet.Name}: {error}", FirewallEvents.Failed(error));
        }

        return done;
    }

    private void Write(TextWriter output, ExternalResult listing)
    {
        output.Write(listing.Output);
        if (!listing.Succeeded)
        {
            _log.Error(listing.Error);
        }
    }

    /// <summary>
    /// What is to be open from the beginning is not flushed where it is in the set already, for its connections would be lost. The expire set is taken out of
    /// force whatever is flushed: after a reboot nobody else does it.
    /// </summary>
    private bool TryStart(string present, IReadOnlyCollection<LiveGrant> carried, Moment now, out string error)
    {
        IReadOnlyList<ListedRule> kept = [];
        if (!_settings.FlushesAtInit || carried.Count > 0)
        {
            kept = IpfwListing.Read(present, _settings.ActiveSet);
            Adopt(kept, carried, now);
        }
        else if (present.Length > 0 && _program.DeleteActive() is { Succeeded: false } failure)
        {
            error = failure.Error;
            return false;
        }

        return _activeSet.TryEnsureCheckState(kept, out error)
            && (!_expireSet.IsUsed || _expireSet.TryStart(now, out error))
            && TryCarry(carried, now, out error);
    }

    private void Adopt(IReadOnlyList<ListedRule> present, IReadOnlyCollection<LiveGrant> carried, Moment now)
    {
        HashSet<GrantKey>? wanted = _settings.FlushesAtInit ? [.. carried.Select(grant => grant.Key)] : null;
        foreach ((GrantKey key, GrantEnd end) in _activeSet.Adopt(present, now, wanted))
        {
            _book.Add(key, end);
        }

        if (_book.Count > 0 && carried.Count == 0)
        {
            _log.Info($"Kept {_book.Count} grants of an earlier run");
        }
    }

    /// <summary>Adds the grants of the back end that this one follows; those that ended together get one number.</summary>
    private bool TryCarry(IReadOnlyCollection<LiveGrant> carried, Moment now, out string error)
    {
        error = "";
        if (carried.Count > 0 && !_activeSet.TryLook(out error))
        {
            return false;
        }

        foreach ((GrantKey key, _) in carried.Where(grant => grant.Key.Translation is not null))
        {
            EndLine.TellLeftOut(_log, key, NotForwarded);
        }

        foreach (IGrouping<(IPNetwork, IPAddress?), GrantChange> source in carried
            .Where(grant => grant.Key.Translation is null && grant.End.Due > now.Monotonic)
            .Select(grant => new GrantChange(grant.Key, null, grant.End))
            .GroupBy(change => (change.Key.Source, change.Key.Destination)))
        {
            if (_activeSet.Open([.. source], now, out _) is { } failure)
            {
                error = failure;
                return false;
            }

            _book.Commit(source);
        }

        return true;
    }

    private string? Open(IReadOnlyCollection<GrantChange> changes, Moment now, out string? broken)
    {
        string? failure = _activeSet.Open(changes, now, out bool isBroken);
        broken = isBroken ? failure : null;
        if (failure is null)
        {
            _book.Commit(changes);
        }

        return failure;
    }

    private void RemoveDue(List<IpfwRule> due, Dictionary<GrantKey, GrantEnd> ended, Moment now)
    {
        if (_activeSet.TryRetire(due, now, out string error))
        {
            _retry.Reset();
            return;
        }

        _log.Error($"Could not remove expired rules from {_activeSet.Name}, trying again: {error}", FirewallEvents.Failed(error));
        Postpone(due, ended, now.Monotonic + _retry.Take());
    }

    /// <summary>What could not be removed is remembered as open, and due again after a while.</summary>
    private void Postpone(List<IpfwRule> rules, Dictionary<GrantKey, GrantEnd> ended, TimeSpan again)
    {
        foreach (IpfwRule rule in rules)
        {
            _activeSet.Rules.Add(rule, again);
            foreach (GrantKey key in rule.Keys)
            {
                if (ended.Remove(key, out GrantEnd end))
                {
                    _book.Add(key, end with { Due = again });
                }
            }
        }
    }
}
