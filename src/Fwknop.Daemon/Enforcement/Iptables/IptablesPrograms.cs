using System.Text.RegularExpressions;
using Fwknop.Daemon.Programs;

namespace Fwknop.Daemon.Enforcement.Iptables;

/// <summary>The two programs for one address family.</summary>
/// <param name="List"><c>/usr/sbin/iptables</c>.</param>
/// <param name="Restore"><c>/usr/sbin/iptables-restore</c>.</param>
internal sealed partial record IptablesPrograms(string List, string Restore) : IIptables
{
    private const string BaseName = "iptables";

    /// <summary>Our choice: longer than the wait for the lock, short enough that a program that hangs is noticed.</summary>
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(30);

    /// <summary>How long to wait for the lock that legacy iptables programs hold, in seconds.</summary>
    private static readonly string[] WaitForLock = ["-w", "10"];

    public string Name { get; init; } = BaseName;

    public bool IsFastInBulk => true;

    /// <summary>
    /// From FIREWALL_EXE, for instance <c>/usr/sbin/iptables-legacy</c>: the others stand beside it under their usual names.
    /// </summary>
    /// <exception cref="FirewallException">It is no iptables.</exception>
    public static IptablesPair Find(string executable)
    {
        string name = Path.GetFileName(executable);
        if (!Path.IsPathFullyQualified(executable) || !name.StartsWith(BaseName, StringComparison.Ordinal))
        {
            throw FirewallException.OtherProgram(BaseName, executable);
        }

        string folder = Path.GetDirectoryName(executable)!;
        string variant = name[BaseName.Length..];
        return new IptablesPair(BaseName, InFolder(BaseName), InFolder("ip6tables"));

        IptablesPrograms InFolder(string family)
        {
            string list = Path.Combine(folder, family + variant);
            return new IptablesPrograms(list, $"{list}-restore") { Name = family };
        }
    }

    public ExternalResult Run(IReadOnlyList<string> arguments, IFirewallLog log) => Run(List, arguments, "", log);

    public ExternalResult Commit(IptablesScript script, IFirewallLog log) => Run(Restore, ["--noflush"], script.ToString(), log);

    /// <summary>Programs older than the lock do not know how to wait for it: they are run without.</summary>
    private static ExternalResult Run(string program, IReadOnlyList<string> arguments, string input, IFirewallLog log)
    {
        ExternalResult result = FirewallProgram.Run(program, [.. WaitForLock, .. arguments], input, Timeout, log);
        return result.Status is not (null or 0) && UnknownOption().IsMatch(result.Error)
            ? FirewallProgram.Run(program, arguments, input, Timeout, log)
            : result;
    }

    /// <summary>What the program says about <c>-w</c> before 1.4.20, and iptables-restore before 1.6.2.</summary>
    [GeneratedRegex(@"(?:unknown|invalid|unrecognized) (?:option|arg)[^\n]*\bw\b|unknown arguments found on commandline", RegexOptions.CultureInvariant | RegexOptions.IgnoreCase)]
    private static partial Regex UnknownOption();
}
