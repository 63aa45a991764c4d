using Fwknop.Daemon.Enforcement.Iptables;
using Fwknop.Daemon.Programs;
using Fwknop.Native.LibNftables;

namespace Fwknop.Daemon.Enforcement.Firewalld;

/// <summary>
/// iptables as firewalld runs it: direct rules (server.md 9.3). There is no iptables-restore among them, so the lines of a script are done one after the other,
/// and undone when one fails.
/// </summary>
/// <param name="Executable">FIREWALL_EXE: the path of firewall-cmd.</param>
/// <param name="IsIPv6">The address family.</param>
internal sealed record DirectRules(string Executable, bool IsIPv6) : IIptables
{
    private const string Success = "success";
    private const string Table = "table inet firewalld";

    /// <summary>How long the program may take.</summary>
    public TimeSpan Timeout { get; init; } = FirewallCmd.UsualTimeout;

    public string Name => IsIPv6 ? "firewalld (IPv6)" : "firewalld";

    public bool IsFastInBulk => false;

    /// <summary>firewalld makes its zones either of iptables or, in a table of its own, of nftables, where it drops what iptables has accepted.</summary>
    public string? Caveat
    {
        get
        {
            using NftContext? nft = NftContext.TryOpen(out NftContext? context, out _) ? context : null;
            bool usesNftables = nft?.TryRun("list tables", out string tables, out _) == true && tables.Split('\n').Any(line => line == Table || line.StartsWith($"{Table} ", StringComparison.Ordinal));
            return usesNftables
                ? "The zones of firewalld drop what its direct rules accept, because it uses nftables: set FIREWD_ZONE, or FirewallBackend=iptables in firewalld.conf"
                : null;
        }
    }

    /// <summary>Those of both address families.</summary>
    public static IptablesPair Of(string executable) => Of(executable, FirewallCmd.UsualTimeout);

    /// <inheritdoc cref="Of(string)"/>
    public static IptablesPair Of(string executable, TimeSpan timeout)
    {
        DirectRules ipv4 = new(executable, IsIPv6: false) { Timeout = timeout };
        return new IptablesPair("firewalld", ipv4, ipv4 with { IsIPv6 = true }) { Infix = "FIREWD" };
    }

    public ExternalResult Run(IReadOnlyList<string> arguments, IFirewallLog log)
    {
        ExternalResult result = FirewallProgram.Run(
            Executable, ["--direct", "--passthrough", IsIPv6 ? "ipv6" : "ipv4", .. arguments], "", Timeout, log);
        return result with { Output = WithoutSuccess(result.Output) };
    }

    public ExternalResult Commit(IptablesScript script, IFirewallLog log)
    {
        Stack<string[]> undo = [];
        ExternalResult result = new(Succeeded: true, "", "");
        foreach ((string table, IReadOnlyList<string> lines) in script.Tables)
        {
            if (!script.Opens)
            {
                undo.Clear();
            }

            result = Run(DirectLine.InOrder(table, lines), undo, log);
            if (!result.Succeeded)
            {
                break;
            }
        }

        // Where firewalld does not answer there is no use in asking it for more.
        while (!result.Succeeded && result.Status is not null && undo.TryPop(out string[]? arguments) && Run(arguments, log).Status is not null)
        {
        }

        return result;
    }

    /// <summary>The words at the end, behind what iptables has printed.</summary>
    private static string WithoutSuccess(string output)
    {
        string text = output.TrimEnd('\n');
        return text == Success ? "" : text.EndsWith($"\n{Success}", StringComparison.Ordinal) ? text[..^Success.Length].TrimEnd('\n') + "\n" : output;
    }

    /// <summary>Runs lines up to one that fails.</summary>
    private ExternalResult Run(IEnumerable<DirectLine> lines, Stack<string[]> undo, IFirewallLog log)
    {
        ExternalResult result = new(Succeeded: true, "", "");
        foreach (DirectLine line in lines)
        {
            result = Run(line, undo, log);
            if (!result.Succeeded)
            {
                break;
            }
        }

        return result;
    }

    private ExternalResult Run(DirectLine line, Stack<string[]> undo, IFirewallLog log)
    {
        ExternalResult result = Run(line.Arguments, log);
        if (line.Otherwise is { } otherwise && result.Status is not (null or 0))
        {
            return Run(otherwise, log);
        }

        if (result.Succeeded && line.Undo is { } reverse)
        {
            undo.Push(reverse);
        }

        return result;
    }
}
