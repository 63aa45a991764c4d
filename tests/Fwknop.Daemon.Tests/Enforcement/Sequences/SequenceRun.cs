using System.Diagnostics;
using System.Globalization;
using Fwknop.Daemon.Enforcement;
using Fwknop.Daemon.Expiry;
using Fwknop.TestSupport;

namespace Fwknop.Daemon.Tests.Enforcement.Sequences;

/// <summary>Does the steps of a sequence to a firewall in a namespace and to the model, and compares after each.</summary>
internal sealed class SequenceRun : IDisposable
{
    private const long EpochAtBeginning = 1_800_000_000;

    private readonly NetworkNamespace _space = NetworkNamespace.Create("sequence");
    private readonly TemporaryFolder _folder = new();
    private readonly RecordingLog _log = new();
    private readonly Stopwatch _elapsed = Stopwatch.StartNew();
    private readonly FaultyIptables? _programs;
    private readonly GrantModel _model;
    private IFirewall _firewall;
    private IReadOnlyList<string> _foreign;

    /// <summary>The rules of the guard that no grant changes, as they were at first.</summary>
    private IReadOnlyList<string>? _guard;
    private int _agings;
    private bool _hasAdoptedFromKernel;
    private SequenceStep? _fault;

    private SequenceRun(FirewallVariant variant, bool withFaults)
    {
        AdminRules.Load(_space, _folder);
        _programs = withFaults ? new FaultyIptables(variant.Program!) : null;
        _model = new GrantModel(variant);
        _firewall = Make(variant, keep: false);
        _foreign = KernelRules.Read(_space).Foreign;
        Inside(() => _firewall.Prepare(Now, []));
    }

    private Moment Now => new(TimeSpan.FromSeconds(1000 + _model.Now), DateTimeOffset.FromUnixTimeSeconds(EpochAtBeginning + _model.Now));

    /// <summary>How far kernel timeouts may be behind: real time passes, and nft tells whole seconds.</summary>
    private double Slack => _elapsed.Elapsed.TotalSeconds + _agings + 3;

    /// <summary>Does all steps.</summary>
    /// <returns>Null, or what was wrong after the last step that was done.</returns>
    public static string? Do(FirewallVariant variant, IReadOnlyList<SequenceStep> steps)
    {
        using SequenceRun run = new(variant, steps.Any(step => step.Kind == StepKind.Fault));
        try
        {
            run.Check();
            foreach (SequenceStep step in steps)
            {
                run.DoStep(step);
            }

            run.Stop();
            return null;
        }
        catch (SequenceFailure failure)
        {
            return failure.Message;
        }
    }

    public void Dispose()
    {
        _firewall.Dispose();
        _programs?.Dispose();
        _folder.Dispose();
        _space.Dispose();
    }

    private void DoStep(SequenceStep step)
    {
        if (step.Kind == StepKind.Fault)
        {
            _fault = step;
            return;
        }

        _log.Clear();
        if (_fault is not null && _programs is not null)
        {
            DoWithFault(step);
            _fault = null;
            return;
        }

        bool isWhole = _model.IsWhole;
        bool mustWarn = Do(step);
        CheckLog(step, isWhole, mustWarn);
        Check();
    }

    private bool Do(SequenceStep step)
    {
        switch (step.Kind)
        {
            case StepKind.Grant:
                return Grant(step);
            case StepKind.Revoke:
                Expect(Revoke(step) is null, "a revocation failed");
                _model.Revoke(step.Wishes);
                break;
            case StepKind.Advance:
                Advance(step.Seconds);
                break;
            case StepKind.Reconcile:
                Advance(SequenceStep.Grid);
                Inside(() => _firewall.Reconcile(Now));
                return _model.Reconcile();
            case StepKind.Crash:
                Start(step.Keeps);
                break;
            case StepKind.Abandon:
                Expect(Inside(() => _firewall.Abandon()), "the stop after a failure failed");
                _model.Abandon();

                Start(step.Keeps);
                break;
            case StepKind.Restart:
                Stop();
                Start(step.Keeps);
                break;
            case StepKind.Reload:
                Reload(FirewallVariant.All[step.Second % FirewallVariant.All.Count], step.Keeps);
                break;
            default:
                new Damage(_space, _folder, _model).Do(step);
                _foreign = KernelRules.Read(_space).Foreign;
                break;
        }

        return false;
    }

    private bool Grant(SequenceStep step)
    {
        bool?[] open = [.. step.Wishes.Select((wish, i) => step.Wishes.Take(i).Contains(wish) ? null : _model.IsOpen(wish))];
        IReadOnlyList<GrantOutcome> outcomes = GrantNow(step);
        for (int i = 0; i < outcomes.Count; i++)
        {
            Wish wish = step.Wishes[i];
            GrantOutcome? expected = !_model.Variant.CanMake(wish) ? GrantOutcome.Failed
                : open[i] is { } isOpen && (_model.Variant.IsIptables || !wish.ChangesDestination || !isOpen) ? isOpen ? GrantOutcome.Extended : GrantOutcome.Added
                : null;
            Expect(outcomes[i] == (expected ?? outcomes[i]) && (expected is not null || outcomes[i] != GrantOutcome.Failed), $"the outcome for {wish} was {outcomes[i]}");
        }

        return _model.Grant(step.Wishes, step.Duration);
    }

    private IReadOnlyList<GrantOutcome> GrantNow(SequenceStep step) =>
        Inside(() => _firewall.Grant([.. step.Wishes.Select(wish => wish.ToGrant(step.Duration))], Now));

    private string? Revoke(SequenceStep step)
    {
        GrantKey[] asked = [.. step.Wishes.Select(wish => wish.ToKey())];
        GrantKey[] keys = [.. _firewall.Live.Select(grant => grant.Key).Where(asked.Contains)];
        return Inside(() => _firewall.Revoke(keys, Now));
    }

    private void Advance(int seconds)
    {
        if (_model.Variant.HasTimeouts)
        {
            KernelRules.Age(_space, seconds);
            _agings++;
        }

        _model.Advance(seconds);
        for (int i = 0; i < 3 && _firewall.NextDue <= Now.Monotonic; i++)
        {
            Inside(() => _firewall.Expire(Now));
        }
    }

    private void Start(bool keep)
    {
        _firewall.Dispose();
        _firewall = Make(_model.Variant, keep);
        Inside(() => _firewall.Prepare(Now, []));
        if (keep)
        {
            _model.Adopt();
            _hasAdoptedFromKernel |= _model.Variant.HasTimeouts;
        }
        else
        {
            _model.Clear();
        }
    }

    private void Stop()
    {
        Expect(Inside(() => _firewall.TearDown()), "the stop failed");
        _model.Clear();
        KernelRules rules = KernelRules.Read(_space);
        ExpectSame(rules.Chains, [], "chains after the stop");
        ExpectSame(rules.Rules.Select(rule => rule.Text), [], "rules after the stop");
        ExpectSame(rules.Items.Select(item => item.Item.Text), [], "grants after the stop");
        ExpectSame(rules.Foreign, _foreign, "foreign rules after the stop");
    }

    private void Reload(FirewallVariant next, bool keep)
    {
        IFirewall before = _firewall;
        IFirewall after = Make(next, keep);
        Inside(() =>
        {
            after.Prepare(Now, [.. before.Live]);
            before.GiveWay(after);
        });
        _firewall = after;
        before.Dispose();
        _model.Follow(next, keep);
        _hasAdoptedFromKernel |= next.HasTimeouts;
    }

    /// <summary>
    /// The programs fail for some calls. Whatever became of the step then, nothing is open that was not granted or asked for; and once the programs work again
    /// and the time for another attempt has come, what should be gone is gone.
    /// </summary>
    private void DoWithFault(SequenceStep step)
    {
        HashSet<(RuleItem, long)> allowed = [.. _model.May];
        bool starts = false;
        _programs!.FailAt(1 + (_fault!.First % 6), 1 + (_fault.Second % 3), _fault.Third % 3);
        switch (step.Kind)
        {
            case StepKind.Grant:
                allowed.UnionWith(step.Wishes.SelectMany(wish => _model.Variant.ItemsOf(wish).Select(item => (item, _model.Now + step.Duration))));
                IReadOnlyList<GrantOutcome> outcomes = GrantNow(step);
                Wish[] done = [.. step.Wishes.Where((_, i) => outcomes[i] != GrantOutcome.Failed)];
                _model.Doubt(step.Wishes.Except(done));
                _model.Grant(done, step.Duration);
                break;
            case StepKind.Revoke when Revoke(step) is null:
                _model.Revoke(step.Wishes);
                break;
            case StepKind.Revoke:
                _model.Doubt(step.Wishes);
                break;
            case StepKind.Advance:
                Advance(step.Seconds);
                break;
            case StepKind.Crash:
                starts = true;
                bool started = TryStartWithFault(step.Keeps);
                allowed = _fault.Second % 3 == 0 && !(started && step.Keeps) ? [] : allowed;
                break;
            default:
                Inside(() => step.Kind == StepKind.Abandon ? _firewall.Abandon() : _firewall.TearDown());
                starts = true;
                break;
        }

        _programs.Work();
        CheckNothingMore(allowed);
        if (starts)
        {
            Start(keep: false);
        }

        Advance(SequenceStep.Grid);
        Check();
    }

    /// <summary>After a failure the daemon ends: nothing of ours is left. If more than one call failed, that may have failed, too.</summary>
    private bool TryStartWithFault(bool keep)
    {
        _firewall.Dispose();
        _firewall = Make(_model.Variant, keep);
        try
        {
            Inside(() => _firewall.Prepare(Now, []));
            return true;
        }
        catch (FirewallException)
        {
            return false;
        }
    }

    private void CheckNothingMore(HashSet<(RuleItem, long)> allowed)
    {
        IEnumerable<string> surplus = KernelRules.Read(_space).Items.Select(WithEnd).Where(item => !allowed.Contains(item)).Select(Text);
        ExpectSame(surplus, [], "what was not granted");
    }

    private void CheckLog(SequenceStep step, bool wasWhole, bool mustWarn)
    {
        string[] errors = [.. _log.Lines.Where(line => line[0] == 'E' && !line.Contains("fwknopd.conf has no chains", StringComparison.Ordinal))];
        ExpectSame(errors, [], "error lines");
        bool warned = _log.Lines.Any(line => line.StartsWith("W Another program", StringComparison.Ordinal));
        Expect(!mustWarn || warned, "there was no warning that something was made again");
        Expect(!warned || (!wasWhole && step.Kind is StepKind.Grant or StepKind.Revoke or StepKind.Reconcile), "there was a warning that something was made again");
    }

    private void Check()
    {
        KernelRules rules = KernelRules.Read(_space);
        ExpectSame(rules.Foreign, _foreign, "foreign rules");
        CheckItems([.. rules.Items.Select(WithEnd)]);
        if (_model.Variant.IsIptables)
        {
            CheckChains(rules);
        }
        else if (_model.Broken.Count == 0)
        {
            CheckNft(rules);
        }

        CheckBook();
    }

    private void CheckItems(IReadOnlyList<(RuleItem Item, long End)> actual)
    {
        List<(RuleItem, long)> left = [.. actual];
        ExpectSame(_model.Must.Where(item => !left.Remove(item)).Select(Text), [], "what is missing");
        List<(RuleItem, long)> may = [.. _model.May];
        ExpectSame(actual.Where(item => !may.Remove(item)).Select(Text), [], "what should not be there");
    }

    private void CheckChains(KernelRules rules)
    {
        string program = _model.Variant.Program!;
        string[] families = ["4", "6"];
        ExpectSame(
            rules.Chains.Where(IsWhole).Order(),
            families.SelectMany(family => _model.Variant.Chains.Select(chain => $"{program} {family} {chain.Table} {chain.Chain}"))
                .Concat(_model.Variant.HasSets ? families.SelectMany(family => ExpectedIpset.Names(family == "6")).Select(name => $"ipset {name}") : [])
                .Where(IsWhole).Order(),
            "chains");
        ExpectSame(
            rules.Rules.Select(rule => $"{rule.Place} {rule.Text}").Where(IsWhole).Order(),
            families.SelectMany(family => _model.Variant.Chains.Select(chain => $"{program} {family} {chain.Table} -A {chain.From} -j {chain.Chain}")
                .Concat(_model.Variant.HasSets ? ExpectedIpset.Lookups(_model.Variant, family == "6") : [])).Where(IsWhole).Order(),
            "rules that stand");
        ExpectSame(
            rules.Rules.Where(rule => IsWhole(rule.Text) && !rule.Text.Contains("--match-set", StringComparison.Ordinal) && rule.Number > (_model.Variant.TranslatesSource && rule.Chain == "POSTROUTING" ? 1 : 0)).Select(rule => rule.Text),
            [],
            "rules that do not come first");

        // A chain may have been made again already, by a renewal of another one's rule.
        bool IsWhole(string line) => !_model.Broken.Any(place => line.Split(' ').Contains(place[(place.LastIndexOf(' ') + 1)..]));
    }

    private void CheckNft(KernelRules rules)
    {
        FirewallVariant variant = _model.Variant;
        ExpectSame(
            rules.Chains.Where(chain => chain != ExpectedNft.OwnTable || variant.IsGuard).Order(),
            variant.IsGuard ? [ExpectedNft.OwnTable] : ["inet filter FWKNOP_FORWARD", "inet filter FWKNOP_INPUT"],
            "chains");
        ExpectSame(
            from rule in rules.Rules
            let set = rules.Sets.Select(set => set.Name).FirstOrDefault(name => rule.Text.Contains($"\"@{name}\"", StringComparison.Ordinal))
            where set is not null
            orderby rule.Place, set, rule.Chain
            select $"{rule.Place} {set} in {rule.Chain}",
            from set in rules.Sets
            from chain in ExpectedNft.LookedUpIn(set.Table, set.Name, variant)
            orderby set.Table, set.Name, chain
            select $"{set.Table} {set.Name} in {chain}",
            "rules that look sets up");
        if (variant.IsGuard)
        {
            ExpectSame(Standing(_space), _guard ??= [.. Standing(_space)], "rules of the guard");
        }
        else
        {
            ExpectSame(
                rules.Rules.Where(rule => rule.Place == ExpectedNft.AdminTable && !rule.Chain.StartsWith("FWKNOP_", StringComparison.Ordinal)).Select(rule => $"{rule.Chain} {rule.Number}").Order(),
                ["forward 0", "input 0"],
                "rules that lead to our chains");
        }
    }

    private static IEnumerable<string> Standing(NetworkNamespace space)
    {
        string chain = "";
        foreach (string line in space.RunChecked("nft", "-t", "list", "table", "inet", "fwknop").Output.Split('\n').Select(line => line.Trim()))
        {
            chain = line.StartsWith("chain ", StringComparison.Ordinal) ? line.Split(' ')[1] : line.StartsWith("set ", StringComparison.Ordinal) ? "" : chain;
            bool isRule = chain is "input" or "forward" or "FWKNOP_INPUT" or "FWKNOP_FORWARD" && line.Length > 1 && line[^1] != '{';
            if (isRule && (!line.Contains('@', StringComparison.Ordinal) || line.Contains("@open", StringComparison.Ordinal)))
            {
                yield return $"{chain}: {line}";
            }
        }
    }

    private void CheckBook()
    {
        HashSet<Wish> open = [.. _model.Open];
        ILookup<GrantKey, GrantEnd> live = _firewall.Live.ToLookup(grant => grant.Key, grant => grant.End);
        foreach ((Wish wish, long end) in _model.Certain)
        {
            Expect(live.Contains(wish.ToKey()), $"{wish} is not remembered");
            double difference = _model.Now + (live[wish.ToKey()].First().Due - Now.Monotonic).TotalSeconds - end;
            Expect(difference <= 0.001 && difference >= (_hasAdoptedFromKernel ? -Slack : 0), $"{wish} is remembered to end {difference} s later");
        }

        if (_model.TryGetNextEnd(out long? next))
        {
            Expect(live.Count == open.Count, $"{live.Count} grants are remembered, not {open.Count}");
            double? due = _model.Now + (_firewall.NextDue - Now.Monotonic)?.TotalSeconds;
            Expect(due is null == next is null && !(due > next) && !(due < next - (_hasAdoptedFromKernel ? Slack : 0)), $"something is due at {due}, not at {next}");
        }
    }

    /// <summary>With its end in seconds since the beginning; one that the kernel keeps time of is put back to where it was meant to be.</summary>
    private (RuleItem Item, long End) WithEnd((RuleItem Item, long End) found)
    {
        bool isElement = found.Item.Place.StartsWith("inet ", StringComparison.Ordinal) || found.Item.Place.StartsWith("ipset ", StringComparison.Ordinal);
        long end = isElement ? _model.Now + found.End : found.End - EpochAtBeginning;
        if (!isElement && !_hasAdoptedFromKernel)
        {
            return (found.Item, end);
        }

        const int Half = SequenceStep.Grid / 2;
        long meant = ((end + Half - 1) / SequenceStep.Grid * SequenceStep.Grid) + Half;
        return (found.Item, meant - end <= Slack ? meant : end);
    }

    private static string Text((RuleItem Item, long End) item) => string.Create(CultureInfo.InvariantCulture, $"{item.Item.Place}: {item.Item.Text} until {item.End}");

    private IFirewall Make(FirewallVariant variant, bool keep) => variant.Make(keep, _programs?.Executable, _log);

    private void Inside(Action code) => _space.Inside(code);

    private T Inside<T>(Func<T> code) => _space.Inside(code);

    private void Expect(bool condition, string problem)
    {
        if (!condition)
        {
            throw new SequenceFailure($"{problem}\n{LogText}");
        }
    }

    private void ExpectSame(IEnumerable<string> actual, IEnumerable<string> expected, string what)
    {
        string[] there = [.. actual];
        string[] meant = [.. expected];
        if (!there.SequenceEqual(meant))
        {
            throw new SequenceFailure(
                string.Create(CultureInfo.InvariantCulture, $"{what}, at {_model.Now} s:\n  ")
                + string.Join("\n  ", there.Except(meant).Select(line => $"+ {line}").Concat(meant.Except(there).Select(line => $"- {line}")))
                + (there.Length == meant.Length ? "" : string.Create(CultureInfo.InvariantCulture, $"\n  ({there.Length} instead of {meant.Length})"))
                + $"\n{LogText}");
        }
    }

    private string LogText => "log of the last step:\n  " + string.Join("\n  ", _log.Lines);
}
