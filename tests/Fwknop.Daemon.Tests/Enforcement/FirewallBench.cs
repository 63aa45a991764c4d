using Fwknop.Daemon.Enforcement;
using Fwknop.Daemon.Expiry;
using Fwknop.TestSupport;

namespace Fwknop.Daemon.Tests.Enforcement;

/// <summary>A firewall under test in a network namespace: each call is made there.</summary>
internal sealed class FirewallBench : IDisposable
{
    private readonly NetworkNamespace? _own;
    private IFirewall _firewall;

    /// <param name="make">Makes the firewall.</param>
    /// <param name="space">Where; a namespace of its own if null.</param>
    public FirewallBench(Func<IFirewallLog, IFirewall> make, NetworkNamespace? space = null)
    {
        _own = space is null ? NetworkNamespace.Create("firewall") : null;
        Space = space ?? _own!;
        Make = make;
        _firewall = make(Log);
    }

    public NetworkNamespace Space { get; }

    public RecordingLog Log { get; } = new();

    /// <summary>Added to the clocks that the firewall sees; the kernel knows nothing of it.</summary>
    public TimeSpan Ahead { get; set; }

    public TimeSpan? NextDue => _firewall.NextDue;

    private Func<IFirewallLog, IFirewall> Make { get; }

    public Moment Now
    {
        get
        {
            Moment now = Moment.Now(TimeProvider.System);
            return new Moment(now.Monotonic + Ahead, now.WallClock + Ahead);
        }
    }

    public void Prepare() => Space.Inside(() => _firewall.Prepare(Now, []));

    public IReadOnlyList<GrantOutcome> Grant(params FirewallGrant[] batch) => Space.Inside(() => _firewall.Grant(batch, Now));

    public void Expire() => Space.Inside(() => _firewall.Expire(Now));

    public void Reconcile() => Space.Inside(() => _firewall.Reconcile(Now));

    public string? Revoke(params GrantKey[] keys) => Space.Inside(() => _firewall.Revoke(keys, Now));

    public IReadOnlyList<LiveGrant> Live => [.. _firewall.Live];

    public bool TearDown() => Space.Inside(() => _firewall.TearDown());

    public bool Abandon() => Space.Inside(() => _firewall.Abandon());

    /// <summary>The daemon was killed and starts again, perhaps with another configuration.</summary>
    public void Restart(Func<IFirewallLog, IFirewall>? make = null)
    {
        _firewall.Dispose();
        _firewall = (make ?? Make)(Log);
        Log.Clear();
    }

    /// <summary>Another back end follows while the daemon runs, as after a reading of the configuration.</summary>
    public void Follow(Func<IFirewallLog, IFirewall> make)
    {
        IFirewall before = _firewall;
        IFirewall next = make(Log);
        Space.Inside(() =>
        {
            next.Prepare(Now, [.. before.Live]);
            before.GiveWay(next);
        });
        _firewall = next;
        before.Dispose();
    }

    public bool Flush() => Space.Inside(() => _firewall.Flush());

    public string List(bool all)
    {
        using StringWriter output = new();
        Space.Inside(() => _firewall.List(output, all));
        return output.ToString();
    }

    /// <summary>Does what the daemon's loop does: waits for the next end and collects it, until nothing is granted.</summary>
    public void RunUntilAllExpired()
    {
        while (NextDue is TimeSpan due)
        {
            TimeSpan wait = due - Now.Monotonic;
            if (wait > TimeSpan.Zero)
            {
                Thread.Sleep(wait);
            }

            Expire();
        }
    }

    public string Nft(params string[] arguments) => Space.RunChecked("nft", arguments).Output;

    public string Rules(string program = "iptables") => Space.RunChecked(program, "-S").Output;

    public void Dispose()
    {
        _firewall.Dispose();
        _own?.Dispose();
    }
}
