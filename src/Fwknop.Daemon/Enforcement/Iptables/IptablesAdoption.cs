using System.Net;
using Fwknop.Configuration;
using Fwknop.Configuration.Access;
using Fwknop.Grants;

namespace Fwknop.Daemon.Enforcement.Iptables;

/// <summary>
/// Finds the grants of an earlier run in the rules that it left (FLUSH_IPT_AT_INIT N). A rule says what it does and not which grant it is of: a grant is
/// found when all its rules are there, with the same time. Rules that are left over end at the time in their comment.
/// </summary>
/// <param name="family">The address family.</param>
/// <param name="rules">Its rules whose time is not up.</param>
internal sealed class IptablesAdoption(IptablesFamily family, IReadOnlyCollection<ListedRule> rules)
{
    private readonly RuleCounts _pool = new();

    private IptablesLayout Layout => family.Layout;

    /// <summary>All of them; those with most rules first, so that a rule counts for the grant that it is really of.</summary>
    public IEnumerable<(GrantKey Key, long Epoch)> Find()
    {
        foreach (ListedRule listed in rules.Where(listed => listed.Rule is not null))
        {
            _pool.Add(listed.Rule!, listed.Epoch);
        }

        return [.. Of(RuleKind.Dnat, ForwardedKeys), .. Of(RuleKind.Forward, ForwardedKeys), .. Of(RuleKind.Access, rule => KeyOf(rule) is { } key ? [key] : [])];
    }

    /// <summary>What a rule of the kind <see cref="RuleKind.Access"/> opens; null for a rule of another form.</summary>
    public static GrantKey? KeyOf(IptablesRule rule) =>
        rule is { Source: { } source, Ports: { } ports, IsForSourcePorts: false, NewAddress: null, NewPort: 0 }
        && GrantPrefix.MayBe(source)
        && (rule.Destination is not { } network || NetworkText.IsHost(network))
            ? new GrantKey(source, rule.Destination?.BaseAddress, ports)
            : null;

    private List<(GrantKey Key, long Epoch)> Of(RuleKind kind, Func<IptablesRule, IEnumerable<GrantKey>> candidates)
    {
        List<(GrantKey, long)> found = [];
        if (!Layout.Has(kind))
        {
            return found;
        }

        OwnChain chain = Layout.ChainOf(kind);
        foreach (ListedRule listed in rules.Where(listed => listed.Chain == chain && listed.Rule is not null))
        {
            if (_pool[listed.Rule!, listed.Epoch] > 0
                && candidates(listed.Rule!).FirstOrDefault(key => TryTake(key, listed.Rule!, listed.Epoch)) is { } key)
            {
                found.Add((key, listed.Epoch));
            }
        }

        return found;
    }

    private bool TryTake(GrantKey key, IptablesRule from, long epoch)
    {
        if (!family.Rules.CanMake(key))
        {
            return false;
        }

        IptablesRule[] needed = [.. family.Rules.Of(key).Select(written => written.Rule)];
        return needed.Contains(from) && _pool.TryTakeAll(needed, epoch);
    }

    private IEnumerable<GrantKey> ForwardedKeys(IptablesRule rule)
    {
        if (rule.Source is not { } source || !GrantPrefix.MayBe(source) || (rule.Destination is { } network && !NetworkText.IsHost(network)))
        {
            return [];
        }

        IPAddress? destination = rule.Destination?.BaseAddress;
        if (rule.Ports is null)
        {
            Translation everything = new(NatKind.Forward, rule.NewAddress, 0, IsForAll: true);
            return Sources.Select(from => new GrantKey(source, destination, PortRange.Everything, everything with { Source = from }));
        }

        return rule.NewPort == 0 || !rule.Ports.IsSingle
            ? []
            : from to in (Translation[])[new(NatKind.Forward, rule.NewAddress, rule.NewPort), new(NatKind.Local, rule.NewAddress, rule.NewPort)]
              where to.Kind == NatKind.Local || to.Address is not null
              from change in to.Address is null ? [null] : Sources
              select new GrantKey(source, destination, rule.Ports, to with { Source = change });
    }

    /// <summary>What source addresses become by any of the rules, and nothing.</summary>
    private IEnumerable<SourceTranslation?> Sources =>
    [
        .. rules.Where(listed => Layout.Has(RuleKind.Snat) && listed.Chain == Layout.ChainOf(RuleKind.Snat) && listed.Rule?.NewAddress is not null)
            .Select(listed => listed.Rule!.NewAddress!).Distinct().Select(address => new SourceTranslation(address)),
        new SourceTranslation(null),
        null,
    ];
}
