using System.Diagnostics.CodeAnalysis;

namespace Fwknop.Daemon.Enforcement.Iptables;

/// <summary>The two programs for one address family.</summary>
/// <param name="List"><c>/usr/sbin/iptables</c>.</param>
/// <param name="Restore"><c>/usr/sbin/iptables-restore</c>.</param>
internal sealed record IptablesPrograms(string List, string Restore)
{
    private const string BaseName = "iptables";

    /// <summary>
    /// From FIREWALL_EXE, for instance <c>/usr/sbin/iptables-legacy</c>: the others stand beside it under their usual names.
    /// </summary>
    public static bool TryFind(string executable, bool ipv6, [NotNullWhen(true)] out IptablesPrograms? programs)
    {
        programs = null;
        string name = Path.GetFileName(executable);
        if (!Path.IsPathFullyQualified(executable) || !name.StartsWith(BaseName, StringComparison.Ordinal))
        {
            return false;
        }

        string variant = name[BaseName.Length..];
        string family = Path.Combine(Path.GetDirectoryName(executable)!, (ipv6 ? "ip6tables" : BaseName) + variant);
        programs = new IptablesPrograms(family, $"{family}-restore");
        return true;
    }
}
