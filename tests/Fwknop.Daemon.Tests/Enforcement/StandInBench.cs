using Fwknop.Daemon.Enforcement;
using Fwknop.Daemon.Expiry;

namespace Fwknop.Daemon.Tests.Enforcement;

/// <summary>A firewall under test whose program is a stand-in, and a clock that only the test moves.</summary>
internal sealed class StandInBench : IDisposable
{
    /// <summary>The second, since 1970, in which it begins.</summary>
    public const long Start = 1_700_000_000;

    /// <param name="make">Makes the firewall.</param>
    public StandInBench(Func<IFirewallLog, IFirewall> make)
    {
        Make = make;
        Firewall = make(Log);
    }

    public RecordingLog Log { get; } = new();

    public IFirewall Firewall { get; private set; }

    /// <summary>Seconds since the beginning.</summary>
    public double Time { get; set; }

    public Moment Now => new(TimeSpan.FromSeconds(1000 + Time), DateTimeOffset.FromUnixTimeSeconds(Start).AddSeconds(Time));

    /// <summary>When there is work, in seconds since the beginning.</summary>
    public double? NextDue => Firewall.NextDue is { } due ? due.TotalSeconds - 1000 : null;

    public IReadOnlyList<string> Live => [.. Firewall.Live.Select(grant => $"{grant.Key.SourceText} {grant.Key.Ports} {grant.End.Epoch - Start}").Order()];

    private Func<IFirewallLog, IFirewall> Make { get; }

    public void Prepare(params IReadOnlyCollection<LiveGrant> carried) => Firewall.Prepare(Now, carried);

    public IReadOnlyList<GrantOutcome> Grant(params FirewallGrant[] batch) => Firewall.Grant(batch, Now);

    /// <summary>Waits as the daemon's loop does, and collects what is due then.</summary>
    public void WaitUntil(double time)
    {
        while (NextDue <= time)
        {
            Time = Math.Max(Time, NextDue.Value);
            Firewall.Expire(Now);
        }

        Time = time;
    }

    public string? Revoke(params GrantKey[] keys) => Firewall.Revoke(keys, Now);

    /// <summary>The daemon was killed and starts again, perhaps with another configuration.</summary>
    public void Restart(Func<IFirewallLog, IFirewall>? make = null)
    {
        Firewall = (make ?? Make)(Log);
        Log.Clear();
    }

    /// <summary>Another one follows while the daemon runs.</summary>
    public void Follow(Func<IFirewallLog, IFirewall> make)
    {
        IFirewall next = make(Log);
        next.Prepare(Now, [.. Firewall.Live]);
        Firewall.GiveWay(next);
        Firewall = next;
    }

    public string List(bool all)
    {
        using StringWriter output = new();
        Firewall.List(output, all);
        return output.ToString();
    }

    /// <summary>What has been logged since the last time.</summary>
    public IReadOnlyList<string> TakeLines()
    {
        IReadOnlyList<string> lines = Log.Lines;
        Log.Clear();
        return lines;
    }

    public void Dispose() => Firewall.Dispose();
}
