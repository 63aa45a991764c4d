using Fwknop.TestSupport;

namespace Fwknop.Daemon.Tests.Enforcement.Sequences;

/// <summary>What an administrator has in the tables that fwknopd changes, and in others.</summary>
internal static class AdminRules
{
    private const string Saved =
        """
        *filter
        :INPUT DROP
        :FORWARD ACCEPT
        :ADMIN -
        -A INPUT -p tcp -m tcp --dport 80 -j ACCEPT
        -A INPUT -j ADMIN
        -A FORWARD -i lo -j ACCEPT
        -A ADMIN -m comment --comment _exp_1 -j RETURN
        COMMIT
        *nat
        :PREROUTING ACCEPT
        :POSTROUTING ACCEPT
        -A POSTROUTING -o eth9 -j MASQUERADE
        COMMIT
        *mangle
        :PREROUTING ACCEPT
        -A PREROUTING -p tcp -j MARK --set-mark 1
        COMMIT

        """;

    private const string NftFilter =
        """
        table inet filter {
            set fwknop_not { type inet_service; elements = { 80, 443 }; }
            chain input { type filter hook input priority 0; policy drop; ct state established,related accept; tcp dport @fwknop_not accept; }
            chain forward { type filter hook forward priority 0; policy drop; ct state established,related accept; }
        }

        """;

    private const string NftOther =
        """
        table inet other { set grants4 { type ipv4_addr; elements = { 10.0.0.1 }; }; chain FWKNOP_OTHER { ip saddr @grants4 drop; }; }
        table ip legacy { chain forward { type filter hook forward priority 1; policy accept; jump deep; }; chain deep { counter packets 0 bytes 0 return; }; }

        """;

    /// <summary>Sets all of it up.</summary>
    public static void Load(NetworkNamespace space, TemporaryFolder folder)
    {
        foreach (string program in (string[])["iptables-nft", "ip6tables-nft", "iptables-legacy", "ip6tables-legacy"])
        {
            Restore(space, folder, program);
        }

        space.RunChecked("nft", NftFilter + NftOther);
        space.RunChecked("ipset", "create", "admin", "hash:ip");
        space.RunChecked("ipset", "add", "admin", "10.0.0.1");
    }

    /// <summary>Loads the rules of iptables again, in place of all that is there.</summary>
    public static void Restore(NetworkNamespace space, TemporaryFolder folder, string program) =>
        space.RunChecked($"{program}-restore", folder.Write($"{program}.rules", Saved));

    /// <summary>Loads the table <c>inet filter</c> again, in place of what is there.</summary>
    public static void RestoreNft(NetworkNamespace space) =>
        space.RunChecked("nft", $"table inet filter {{}}\ndelete table inet filter\n{NftFilter}");
}
