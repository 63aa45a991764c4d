using System.Diagnostics;

using Fwknop.TestSupport;

namespace Fwknop.EndToEnd.Tests;

/// <summary>Best of several, because the tests share the machine; programs that are not precompiled get a wide limit.</summary>
public sealed class SpeedTests
{
    private const int Rounds = 10;

    [RootTheory("nft", "iptables")]
    [InlineData(Firewall.NftablesGuard)]
    [InlineData(Firewall.Iptables)]
    public void The_daemon_is_ready_within_300_ms(Firewall firewall)
    {
        using var site = new Site(firewall);

        double best = Best(() =>
        {
            long start = Stopwatch.GetTimestamp();
            using SpaDaemon daemon = site.StartDaemon();
            TimeSpan time = Stopwatch.GetElapsedTime(start);
            Assert.Equal(0, daemon.Stop());
            return time;
        });

        Assert.InRange(best, 0, Programs.ArePublished ? 300 : 3000);
    }

    [Fact]
    public void The_client_says_its_version_within_40_ms()
    {
        double best = Best(() =>
        {
            long start = Stopwatch.GetTimestamp();
            ProcessRun run = ProcessRun.Run(Programs.Client, "-V");
            TimeSpan time = Stopwatch.GetElapsedTime(start);
            Assert.Equal(0, run.ExitCode);
            return time;
        });

        Assert.InRange(best, 0, Programs.ArePublished ? 40 : 1000);
    }

    private static double Best(Func<TimeSpan> measure) => Enumerable.Range(0, Rounds).Min(_ => measure().TotalMilliseconds);
}
