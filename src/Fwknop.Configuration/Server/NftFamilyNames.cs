namespace Fwknop.Configuration.Server;

/// <summary>The families by their names in nft's language.</summary>
public static class NftFamilyNames
{
    /// <summary><c>inet</c>, <c>ip</c> or <c>ip6</c>.</summary>
    public static string GetName(NftFamily family) => family switch
    {
        NftFamily.Inet => "inet",
        NftFamily.Ip => "ip",
        NftFamily.Ip6 => "ip6",
        _ => throw new ArgumentOutOfRangeException(nameof(family)),
    };

    /// <summary>The family of that name; only those that carry IP, and spelt as nft spells them.</summary>
    public static bool TryParse(string name, out NftFamily family)
    {
        foreach (NftFamily candidate in Enum.GetValues<NftFamily>())
        {
            if (GetName(candidate) == name)
            {
                family = candidate;
                return true;
            }
        }

        family = default;
        return false;
    }
}
