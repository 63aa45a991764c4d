using Fwknop.TestSupport;

namespace Fwknop.EndToEnd.Tests;

/// <summary>The demo of the README shows what it promises and cleans up, also when it is stopped.</summary>
public sealed class DemoTests
{
    [RootTheory("nft", "iptables", "sshd", "ssh", "ssh-keygen")]
    [InlineData("nftables")]
    [InlineData("iptables")]
    public void The_demo_shows_a_knock_from_beginning_to_end(string firewall)
    {
        using RunningProcess demo = Start(firewall);

        int status = demo.WaitForExit(TimeSpan.FromSeconds(60));

        Assert.True(status == 0, demo.Describe());
        string[] steps = ["connection attempt: no answer", "the knock: one UDP packet", "ssh: logged in as root", "closes in ", "closed (", "the old packet, sent again: no answer"];
        int position = 0;
        foreach (string step in steps)
        {
            position = demo.Output.IndexOf(step, position, StringComparison.Ordinal);
            Assert.True(position >= 0, $"no '{step}' in its place: {demo.Describe()}");
        }

        AssertNothingLeft(demo);
    }

    [RootTheory("nft", "iptables", "sshd", "ssh", "ssh-keygen")]
    [InlineData("an SSH server listens")]
    [InlineData("fwknopd guards")]
    [InlineData("the knock: ")]
    [InlineData("closes in ")]
    public void A_demo_that_is_stopped_cleans_up(string moment)
    {
        using RunningProcess demo = Start("nftables");
        demo.WaitForLine(moment, TimeSpan.FromSeconds(60));

        demo.Send(Signal.Terminate);

        Assert.Equal(143, demo.WaitForExit(TimeSpan.FromSeconds(20)));
        AssertNothingLeft(demo);
    }

    private static RunningProcess Start(string firewall) => RunningProcess.Start(
        new ProcessCommand(Path.Combine(RepositoryRoot.Path, "demo"), "--firewall", firewall)
        {
            Environment = new Dictionary<string, string?> { [Programs.Variable] = Programs.Folder },
        });

    private static void AssertNothingLeft(RunningProcess demo)
    {
        string mark = $"fwknop-demo-{demo.Id}";
        Assert.DoesNotContain(mark, ProcessRun.Run("ip", "netns", "list").Output, StringComparison.Ordinal);
        Assert.Empty(Directory.GetDirectories("/tmp", mark + "*"));
        Assert.DoesNotContain(
            Directory.GetDirectories("/proc").Select(Path.GetFileName),
            name => int.TryParse(name, out int id) && ProcessTable.CommandLine(id).Contains(mark, StringComparison.Ordinal));
    }
}
