using System.Globalization;
using System.Net;

namespace Fwknop.Daemon.Tests.Enforcement.Sequences;

/// <summary>What <c>nft list ruleset</c> should say about a wish: set, element, value.</summary>
internal static class ExpectedNft
{
    public const string OwnTable = "inet fwknop";
    public const string AdminTable = "inet filter";

    /// <summary>The elements of a wish.</summary>
    public static IEnumerable<RuleItem> Of(Wish wish, FirewallVariant variant)
    {
        (string set, string element) = SetOf(wish);
        if (!variant.IsGuard)
        {
            yield return new RuleItem(AdminTable, $"fwknop_{set} {{ {element} }}");
        }

        if (variant.IsGuard || wish.Way is not null)
        {
            yield return new RuleItem(OwnTable, $"{set} {{ {element} }}");
        }

        if (wish.ChangesDestination)
        {
            bool isForAll = wish.Way == "all";
            string name = $"{(wish.To is null ? "redirect" : "dnat")}{Who(wish)}{(isForAll ? "_all" : "")}";
            string key = Join(Base(wish), wish.Destination, isForAll ? null : wish.Protocol, isForAll ? null : Number(wish.First));
            yield return new RuleItem(OwnTable, $"{name} {{ {key} : {Join(wish.To, isForAll ? null : Number(wish.ToPort))} }}");
        }
    }

    /// <summary>The chains with a rule that looks a set or map up.</summary>
    /// <param name="table">Where the set is.</param>
    /// <param name="name">Its name, <c>fwknop_grants4</c>.</param>
    /// <param name="variant">What is in force.</param>
    public static IEnumerable<string> LookedUpIn(string table, string name, FirewallVariant variant)
    {
        bool accepts = variant.IsGuard || table == AdminTable;
        string plain = name.Replace("fwknop_", "", StringComparison.Ordinal);
        string kind = new([.. plain.TakeWhile(char.IsAsciiLetter)]);
        bool isOwn = table == OwnTable;
        return kind switch
        {
            "grants" => ["FWKNOP_INPUT", "FWKNOP_FORWARD"],
            "local" => accepts ? ["FWKNOP_INPUT"] : [],
            "forward" =>
            [
                .. accepts ? (string[])["FWKNOP_FORWARD"] : [],
                .. isOwn && plain.EndsWith("_masquerade", StringComparison.Ordinal) ? (string[])["FWKNOP_MASQUERADE"] : [],
                .. isOwn && plain.Contains("_snat_", StringComparison.Ordinal) ? (string[])["FWKNOP_POSTROUTING"] : [],
            ],
            _ => ["FWKNOP_PREROUTING"],
        };
    }

    private static (string Name, string Element) SetOf(Wish wish)
    {
        string who = Who(wish);
        string? first = Number(wish.First);
        if (wish.Way is null)
        {
            return wish.First == wish.Last
                ? ($"grants{who}", Join(Base(wish), wish.Destination, wish.Protocol, first))
                : ($"grants{who}_{wish.Protocol}_{first}_{Number(wish.Last)}", Join(Base(wish), wish.Destination));
        }

        string what = wish.Way == "all" ? "all" : wish.Protocol;
        string turn = !wish.ChangesDestination ? "" : wish.To is null ? "_redirect" : "_dnat";
        string source = wish.NewSource switch
        {
            null => "",
            Wish.Masquerade => "_masquerade",
            _ => $"_snat_{Convert.ToHexStringLower(IPAddress.Parse(wish.NewSource).GetAddressBytes())}",
        };
        string name = $"{(wish.Way == "local" ? "local" : "forward")}{who}_{what}{turn}{source}";
        return wish.Way == "all"
            ? (name, Join(Base(wish), wish.Destination, wish.To))
            : (name, Join(Base(wish), wish.Destination, wish.Keeps ? null : first, wish.To, Number(wish.ToPort)));
    }

    private static string Who(Wish wish) =>
        (wish.IsIPv6 ? "6" : "4") + (wish.Destination is null ? "" : "_to") + (wish.IsHost ? "" : $"_net{wish.Source.Split('/')[1]}");

    private static string Base(Wish wish) => wish.Source.Split('/')[0];

    private static string Join(params string?[] parts) => string.Join(" . ", parts.Where(part => part is not null));

    private static string Number(int number) => number.ToString(CultureInfo.InvariantCulture);
}
