using Fwknop.Grants;

namespace Fwknop.Daemon.Enforcement;

/// <summary>Which rules a grant comes to, in the order in which they are made (server.md 9.2.3).</summary>
internal static class GrantRules
{
    /// <summary>All of them.</summary>
    /// <param name="key">The grant.</param>
    /// <param name="hasOutput">Answers need rules of their own (ENABLE_IPT_OUTPUT).</param>
    public static IReadOnlyList<RuleKind> Of(GrantKey key, bool hasOutput)
    {
        if (key.Translation is not { } translation)
        {
            return hasOutput ? [RuleKind.Access, RuleKind.Output] : [RuleKind.Access];
        }

        List<RuleKind> rules = [translation.Kind == NatKind.Local ? RuleKind.LocalNat : RuleKind.Forward];
        if (translation.ChangesDestination)
        {
            rules.Add(RuleKind.Dnat);
        }

        // What stays here by whatever address has no address to find it by, and leaves by no interface.
        if (translation.Source is { } source && (translation.IsForAll || translation.Address is not null))
        {
            rules.Add(source.Address is null ? RuleKind.Masquerade : RuleKind.Snat);
        }

        return rules;
    }

    /// <summary>What log lines call it.</summary>
    public static string NameOf(RuleKind kind, GrantKey key)
    {
        string all = key.Translation?.IsForAll == true ? " ALL" : "";
        return kind switch
        {
            RuleKind.Access => "access",
            RuleKind.LocalNat => "local NAT",
            RuleKind.Output => "OUTPUT",
            RuleKind.Forward => $"FORWARD{all}",
            RuleKind.Dnat => $"DNAT{all}",
            _ => $"SNAT{all}",
        };
    }
}
