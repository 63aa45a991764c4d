using System.Globalization;
using Fwknop.Configuration.Server;
using Fwknop.Daemon.Programs;

namespace Fwknop.Daemon.Enforcement.Iptables;

/// <summary>
/// The rules that put packets into the queue of NFQUEUE capture (server.md 5.5): a chain of our own and a jump to it from INPUT, for IPv4 and, where
/// ip6tables works, IPv6. The jump is found by what it is, not by where it stands. Without a reader the packets pass.
/// </summary>
internal sealed class QueueRules : IDisposable
{
    private const string Hook = "INPUT";

    private readonly QueueSettings _settings;
    private readonly IFirewallLog _log;
    private readonly List<IIptables> _programs = [];

    private QueueRules(QueueSettings settings, IFirewallLog log)
    {
        _settings = settings;
        _log = log;
    }

    /// <summary>Makes the rules, in place of what an earlier run left.</summary>
    /// <param name="settings">Where, and what goes into the queue.</param>
    /// <param name="programs">What changes them.</param>
    /// <param name="log">Told when IPv6 is left out, and of the programs.</param>
    /// <exception cref="FirewallException">iptables refuses them; nothing is left behind.</exception>
    public static QueueRules Install(QueueSettings settings, IptablesPair programs, IFirewallLog log)
    {
        QueueRules rules = new(settings, log);
        rules.Install(programs.IPv4);
        try
        {
            rules.Install(programs.IPv6);
        }
        catch (FirewallException error)
        {
            log.Warning($"NFQUEUE capture is for IPv4 only: {error.Message}");
        }

        return rules;
    }

    /// <summary>Takes the rules away.</summary>
    public void Dispose()
    {
        foreach (IIptables program in _programs)
        {
            Remove(program);
        }
    }

    private void Install(IIptables program)
    {
        Remove(program);
        string[] input = _settings.Interface is { } device ? ["-i", device] : [];
        foreach (string[] arguments in (string[][])
            [
                ["-N", _settings.Chain],
                ["-A", _settings.Chain, .. input, "-p", "udp", "-m", "udp", "--dport", Text(_settings.Port),
                    "-j", "NFQUEUE", "--queue-num", Text(_settings.Queue), "--queue-bypass"],
                ["-I", Hook, "1", "-j", _settings.Chain],
            ])
        {
            ExternalResult result = Run(program, arguments);
            if (!result.Succeeded)
            {
                Remove(program);
                throw new FirewallException(result.Error);
            }
        }

        _programs.Add(program);
    }

    private void Remove(IIptables program)
    {
        while (Run(program, ["-D", Hook, "-j", _settings.Chain]).Succeeded)
        {
            // Until none is left.
        }

        Run(program, ["-F", _settings.Chain]);
        Run(program, ["-X", _settings.Chain]);
    }

    private ExternalResult Run(IIptables program, string[] arguments) => program.Run(["-t", _settings.Table, .. arguments], _log);

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
}
