using Fwknop.Daemon.Enforcement.Iptables;

namespace Fwknop.Daemon.Enforcement.Ipset;

/// <summary>How grants reach ipset, and iptables.</summary>
internal sealed record IpsetSettings
{
    /// <summary>The path of ipset.</summary>
    public required string Executable { get; init; }

    /// <summary>What is in iptables: the chains, and the rules of grants that no set can hold.</summary>
    public required IptablesSettings Iptables { get; init; }

    /// <summary>How many elements a set can have: as many as grants can be open.</summary>
    public int MaxElements { get; init; } = GrantBook.MaxTimed;

    /// <summary>The ipset beside an iptables, or the one of the system.</summary>
    /// <param name="iptables">FIREWALL_EXE.</param>
    public static string ProgramBeside(string iptables)
    {
        string beside = Path.Combine(Path.GetDirectoryName(iptables) ?? "", "ipset");
        return File.Exists(beside) ? beside : "/usr/sbin/ipset";
    }
}
