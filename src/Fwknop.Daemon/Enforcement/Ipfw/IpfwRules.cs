using Fwknop.Configuration.Server;
using Fwknop.Daemon.Expiry;

namespace Fwknop.Daemon.Enforcement.Ipfw;

/// <summary>The rules that are in force, by their numbers and by what they open, with their ends.</summary>
internal sealed class IpfwRules(IpfwSettings settings)
{
    private readonly Dictionary<int, IpfwRule> _rules = [];
    private readonly Dictionary<GrantKey, List<int>> _byKey = [];
    private readonly ExpiryQueue<int> _ends = new();
    private readonly HashSet<int> _taken = [];

    public TimeSpan? NextDue => _ends.NextDue;

    public IReadOnlyCollection<IpfwRule> All => _rules.Values;

    /// <summary>Those that open it, in the order in which they were made.</summary>
    public IReadOnlyList<IpfwRule> Of(GrantKey key) => _byKey.TryGetValue(key, out List<int>? numbers) ? [.. numbers.Select(number => _rules[number])] : [];

    /// <summary>Those none of whose grants needs them, because others that end later open the same.</summary>
    public IReadOnlyList<IpfwRule> Replaced(IEnumerable<GrantKey> keys) =>
        [.. keys.SelectMany(Of).Distinct().Where(rule => rule.Keys.All(key => Of(key).Any(other => other.Epoch > rule.Epoch)))];

    public void Add(IpfwRule rule, TimeSpan due)
    {
        Remove(rule.Number);
        _rules.Add(rule.Number, rule);
        _ends.ExtendTo(rule.Number, due);
        foreach (GrantKey key in rule.Keys)
        {
            if (!_byKey.TryGetValue(key, out List<int>? numbers))
            {
                _byKey[key] = numbers = [];
            }

            numbers.Add(rule.Number);
        }
    }

    /// <summary>Forgets a rule; its number is not free before <see cref="SetTaken"/> says so.</summary>
    public void Remove(int number)
    {
        _ends.Remove(number);
        if (!_rules.Remove(number, out IpfwRule? rule))
        {
            return;
        }

        _taken.Add(number);
        foreach (GrantKey key in rule.Keys)
        {
            _byKey[key].Remove(number);
            if (_byKey[key].Count == 0)
            {
                _byKey.Remove(key);
            }
        }
    }

    public TimeSpan DueOf(IpfwRule rule) => _ends.TryGetDue(rule.Number, out TimeSpan due) ? due : default;

    /// <summary>Takes out the rules whose time is up.</summary>
    public IReadOnlyList<IpfwRule> TakeDue(Moment now)
    {
        IpfwRule[] due = [.. _ends.TakeDue(now.Monotonic).Select(number => _rules[number])];
        foreach (IpfwRule rule in due)
        {
            Remove(rule.Number);
        }

        return due;
    }

    public void Clear()
    {
        _rules.Clear();
        _byKey.Clear();
        _ends.Clear();
        _taken.Clear();
    }

    /// <summary>The numbers of all rules that are there, of whatever set: <c>set move rule</c> goes by the number alone.</summary>
    public void SetTaken(IEnumerable<int> numbers)
    {
        _taken.Clear();
        _taken.UnionWith(numbers);
    }

    /// <summary>The lowest number that no rule has (server.md 9.4), or null.</summary>
    public int? FreeNumber()
    {
        int last = Math.Min(IpfwSettings.LastRule, settings.StartRule + settings.MaxRules - 1);
        for (int number = settings.StartRule + (settings.AddsCheckState ? 1 : 0); number <= last; number++)
        {
            if (!_rules.ContainsKey(number) && !_taken.Contains(number))
            {
                return number;
            }
        }

        return null;
    }
}
