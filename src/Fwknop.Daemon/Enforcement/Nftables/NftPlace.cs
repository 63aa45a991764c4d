using Fwknop.Configuration.Server;

namespace Fwknop.Daemon.Enforcement.Nftables;

/// <summary>A table that holds our sets and our chain.</summary>
/// <param name="Family">Its family.</param>
/// <param name="Table">Its name.</param>
/// <param name="SetPrefix">Tells our sets from the administrator's.</param>
internal sealed record NftPlace(NftFamily Family, string Table, string SetPrefix)
{
    /// <summary>Our chain, by the name that fwknop's iptables chain has, so that log lines read the same.</summary>
    public const string Chain = "FWKNOP_INPUT";

    /// <summary>Of sets, those that the family of the table can use.</summary>
    public IEnumerable<NftSet> Usable(IEnumerable<NftSet> sets) => sets.Where(set => Supports(set.IsIPv6));

    public bool Supports(bool ipv6) => Family == NftFamily.Inet || Family == (ipv6 ? NftFamily.Ip6 : NftFamily.Ip);

    /// <summary><c>inet fwknop</c>.</summary>
    public string TablePath => $"{NftFamilyNames.GetName(Family)} {Table}";

    /// <summary><c>inet fwknop grants4</c>.</summary>
    public string Path(NftSet set) => $"{TablePath} {SetPrefix}{set.Name}";

    /// <summary><c>inet fwknop FWKNOP_INPUT</c>.</summary>
    public string ChainPath => $"{TablePath} {Chain}";
}
