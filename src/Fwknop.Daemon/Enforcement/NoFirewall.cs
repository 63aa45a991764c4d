using Fwknop.Daemon.Expiry;

namespace Fwknop.Daemon.Enforcement;

/// <summary>FIREWALL_TYPE none: every grant is said to have no effect, and nothing is changed.</summary>
internal sealed class NoFirewall : IFirewall
{
    private readonly IFirewallLog _log;

    public NoFirewall(IFirewallLog log) => _log = log;

    public string Description => "none";

    public string Name => "none";

    public TimeSpan? NextDue => null;

    public IEnumerable<LiveGrant> Live => [];

    public void Prepare(Moment now, IReadOnlyCollection<LiveGrant> carried) => _log.Warning("FIREWALL_TYPE none: grants are logged and open nothing");

    public IReadOnlyList<GrantOutcome> Grant(IReadOnlyList<FirewallGrant> batch, Moment now)
    {
        foreach (FirewallGrant grant in batch)
        {
            _log.Info($"No firewall: not opened for {NetworkText.Of(grant.Source)}: {string.Join(',', grant.Ports)}");
        }

        return new GrantOutcome[batch.Count];
    }

    public int Expire(Moment now) => 0;

    public string? Revoke(IReadOnlyCollection<GrantKey> keys, Moment now) => null;

    public bool TearDown() => true;

    public bool Abandon() => true;

    public void GiveWay(IFirewall successor)
    {
    }

    public bool Flush() => true;

    public void List(TextWriter output, bool all) => output.Write("FIREWALL_TYPE none: there are no rules\n");

    public void Dispose()
    {
    }
}
