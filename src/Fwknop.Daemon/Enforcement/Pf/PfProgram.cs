using Fwknop.Daemon.Programs;

namespace Fwknop.Daemon.Enforcement.Pf;

/// <summary>The commands of pfctl that are used (server.md 9.5). What it writes to standard error is never taken for rules.</summary>
/// <param name="executable">FIREWALL_EXE.</param>
/// <param name="anchor">PF_ANCHOR_NAME.</param>
/// <param name="timeout">How long each may take.</param>
/// <param name="log">Where they are told.</param>
internal sealed class PfProgram(string executable, string anchor, TimeSpan timeout, IFirewallLog log)
{
    public string Executable => executable;

    /// <summary>The names of the anchors that pf.conf has.</summary>
    public ExternalResult ListAnchors() => Run("", "-s", "Anchor");

    /// <summary>The rules in ours.</summary>
    public ExternalResult ListRules() => Run("", "-a", anchor, "-s", "rules");

    /// <summary>Puts these rules in the place of those that are there, all or none.</summary>
    public ExternalResult Load(string rules) => Run(rules, "-a", anchor, "-f", "-");

    /// <summary>Removes all rules in ours; their connections live on.</summary>
    public ExternalResult Flush() => Run("", "-a", anchor, "-F", "all");

    private ExternalResult Run(string input, params IReadOnlyList<string> arguments) => FirewallProgram.Run(executable, arguments, input, timeout, log);
}
