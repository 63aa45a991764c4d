using Fwknop.Protocol;
using Fwknop.TestSupport;

namespace Fwknop.EndToEnd.Tests;

/// <summary>kill -9 of each process at each step leaves no port open past its time and no process behind; each firewall by itself.</summary>
public abstract class KillTests(Firewall firewall)
{
    private const int GrantSeconds = 2;

    public enum Victim
    {
        Daemon,
        Listener,
        Both,
    }

    /// <param name="victim">What is killed.</param>
    /// <param name="milliseconds">How long after the packet was sent; -1: before there is one; null: after the grant.</param>
    private protected void AssertLeavesNoPortOpen(Victim victim, int? milliseconds)
    {
        using var site = new Site(firewall);
        using SpaDaemon daemon = site.StartDaemon($"FW_ACCESS_TIMEOUT {GrantSeconds}\n");
        int listener = daemon.ListenerId ?? throw new InvalidOperationException($"No listener: {daemon.Process.Describe()}");
        string packet = site.Seal(PortSpec.Tcp(Site.Ssh));

        if (milliseconds is null)
        {
            daemon.GrantAfter("tcp/22", () => site.Send(packet));
        }
        else if (milliseconds >= 0)
        {
            site.Send(packet);
            Thread.Sleep(milliseconds.Value);
        }

        long latest = DateTimeOffset.UtcNow.ToUnixTimeSeconds() + GrantSeconds + 1;
        Kill(daemon, listener, victim);

        int status = daemon.Process.WaitForExit();
        Assert.NotEqual(0, status);
        Deadline.WaitUntil(() => !ProcessTable.Exists(listener), TimeSpan.FromSeconds(20), "the listener's end");
        if (victim == Victim.Listener)
        {
            Assert.Matches("(?i)listener", daemon.Log);
        }

        // Rules of iptables have no time of their own; the next daemon sees to them.
        bool needsNext = firewall is Firewall.Iptables or Firewall.IptablesLegacy && victim != Victim.Listener;
        if (!needsNext)
        {
            site.AssertClosesAt(latest);
        }

        if (needsNext || firewall == Firewall.Ipset)
        {
            using SpaDaemon next = site.StartDaemon();
            site.AssertClosesAt(latest);
            Assert.Equal(0, next.Stop());
            site.AssertNothingLeft();
        }
    }

    private static void Kill(SpaDaemon daemon, int listener, Victim victim)
    {
        if (victim is Victim.Daemon or Victim.Both)
        {
            daemon.Process.Send(Signal.Kill);
        }

        if (victim is Victim.Listener or Victim.Both)
        {
            Processes.Kill(listener);
        }
    }

    public abstract class AtEachStep(Firewall firewall) : KillTests(firewall)
    {
        public static TheoryData<Victim, int?> Moments()
        {
            var rows = new TheoryData<Victim, int?>();
            foreach (Victim victim in Enum.GetValues<Victim>())
            {
                foreach (int? moment in new int?[] { -1, 0, 1, 4, 15, null })
                {
                    rows.Add(victim, moment);
                }
            }

            return rows;
        }

        [RootTheory("nft", "iptables-nft")]
        [MemberData(nameof(Moments))]
        public void Leaves_no_port_open_past_its_time(Victim victim, int? milliseconds) => AssertLeavesNoPortOpen(victim, milliseconds);
    }

    public abstract class WhileItGrants(Firewall firewall) : KillTests(firewall)
    {
        [RootTheory("iptables-nft", "iptables-legacy", "ip6tables-legacy", "ipset")]
        [InlineData(4)]
        [InlineData(15)]
        [InlineData(40)]
        [InlineData(null)]
        public void Leaves_no_port_open_past_its_time(int? milliseconds) => AssertLeavesNoPortOpen(Victim.Daemon, milliseconds);
    }

    // Classes of tests run beside each other, the tests of one do not.
    public sealed class BehindTheGuard() : AtEachStep(Firewall.NftablesGuard);

    public sealed class InAChainOfTheAdministrator() : AtEachStep(Firewall.NftablesInsert);

    public sealed class BehindIptables() : AtEachStep(Firewall.Iptables);

    public sealed class BehindLegacyIptables() : WhileItGrants(Firewall.IptablesLegacy);

    public sealed class WithSets() : WhileItGrants(Firewall.Ipset);
}
