using Fwknop.TestSupport;

namespace Fwknop.Daemon.Tests.Enforcement.Sequences;

/// <summary>An administrator, or another program, takes away what is ours, and perhaps more.</summary>
internal sealed class Damage(NetworkNamespace space, TemporaryFolder folder, GrantModel model)
{
    private static readonly string[] Forms = ["jump", "-F", "-t nat -F", "-F;-X", "-t nat -F;-t nat -X", "chain", "rule", "restore", "set"];

    /// <summary>Does it to the kernel and to the model.</summary>
    public void Do(SequenceStep step)
    {
        if (model.Variant.IsIptables)
        {
            DoIptables(Forms[step.First % Forms.Length], isIPv6: step.Second % 3 == 0, step.Third);
        }
        else
        {
            DoNft(step.First % 6);
        }
    }

    private void DoIptables(string form, bool isIPv6, int choice)
    {
        string program = isIPv6 ? model.Variant.Program!.Replace("ip", "ip6", StringComparison.Ordinal) : model.Variant.Program!;
        string family = isIPv6 ? "6" : "4";
        (string table, string from, string chain) = model.Variant.Chains.ElementAt(choice % model.Variant.Chains.Count());
        string place = PlaceOf(table, chain);
        string[] All(string of) => [.. model.Variant.Chains.Where(own => of.Length == 0 || own.Table == of).Select(own => PlaceOf(own.Table, own.Chain))];

        string PlaceOf(string ofTable, string ofChain) => $"{model.Variant.Program} {family} {ofTable} {ofChain}";

        bool hasLookups = model.Variant.HasSets && from is "INPUT" or "OUTPUT";
        switch (form)
        {
            case "set" when model.Variant.HasSets:
                string set = ExpectedIpset.Names(isIPv6)[choice % 2];
                space.RunChecked("ipset", "flush", set);
                model.Damage([], [$"ipset {set}"]);
                break;
            case "set":
            case "rule" when hasLookups:
                break;
            case "jump":
                space.Run(program, "-t", table, "-D", from, "-j", chain);
                model.Damage([place], []);
                break;
            case "chain":
                space.Run(program, "-t", table, "-F", chain);
                model.Damage(hasLookups ? [place] : [], [place]);
                break;
            case "rule":
                DeleteFirst(program, table, chain, place);
                break;
            case "restore":
                AdminRules.Restore(space, folder, program);
                model.Damage(All(""), All(""));
                break;
            default:
                foreach (string command in form.Split(';'))
                {
                    space.RunChecked(program, command.Split(' '));
                }

                string[] places = All(form.Contains("nat", StringComparison.Ordinal) ? "nat" : "filter");
                model.Damage(places, places);
                break;
        }
    }

    private void DeleteFirst(string program, string table, string chain, string place)
    {
        IReadOnlyList<(RuleItem Item, long End)> before = KernelRules.Read(space).Items;
        if (space.Run(program, "-t", table, "-D", chain, "1").ExitCode == 0)
        {
            model.DamageOne(before.First(found => found.Item.Place == place).Item);
        }
    }

    private void DoNft(int form)
    {
        if (form is 0 or 5 && KernelRules.Read(space).Chains.Contains(ExpectedNft.OwnTable))
        {
            space.RunChecked("nft", "delete table inet fwknop");
            model.Damage([ExpectedNft.OwnTable], [ExpectedNft.OwnTable]);
        }

        if (form is 4 or 5)
        {
            AdminRules.RestoreNft(space);
            model.Damage(model.Variant.IsGuard ? [] : [ExpectedNft.AdminTable], [ExpectedNft.AdminTable]);
        }

        if (form is 1 or 2)
        {
            string place = model.Variant.IsGuard ? ExpectedNft.OwnTable : ExpectedNft.AdminTable;

            // It may be gone already.
            space.Run("nft", form == 1 ? $"flush chain {place} FWKNOP_INPUT" : $"insert rule {place} FWKNOP_FORWARD accept");
            model.Damage([place], []);
        }

        if (form == 3)
        {
            space.RunChecked("nft", "flush chain inet filter input");
            model.Damage(model.Variant.IsGuard ? [] : [ExpectedNft.AdminTable], []);
        }
    }
}
