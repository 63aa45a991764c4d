using Fwknop.Native.Libc;
using Fwknop.Native.LibNftables;
using Fwknop.TestSupport;

namespace Fwknop.Native.Tests.LibNftables;

public sealed class RulesetWatchTests
{
    [RootFact("nft")]
    public void Every_change_of_the_rules_of_this_namespace_is_told()
    {
        using NetworkNamespace space = NetworkNamespace.Create("watch");
        using NetworkNamespace other = NetworkNamespace.Create("other");
        using SemaphoreSlim changed = new(0);
        using RulesetWatch watch = space.Inside(() =>
        {
            Assert.True(RulesetWatch.TryStart(() => changed.Release(), out RulesetWatch? started, out Errno error), error.Text);
            return started;
        });

        Change(space, "add table inet one");
        Change(space, "flush ruleset");

        // Of another namespace nothing comes: what is told next is the change after it.
        other.RunChecked("nft", "add table inet two");
        Change(space, "add table inet three");

        void Change(NetworkNamespace where, string command)
        {
            while (changed.Wait(0))
            {
                // Of an earlier change.
            }

            where.RunChecked("nft", command);
            Assert.True(changed.Wait(TimeSpan.FromSeconds(20)), $"'{command}' was not told");
        }
    }

    [RootFact("nft")]
    public void More_changes_than_the_socket_holds_are_told_all_the_same()
    {
        using NetworkNamespace space = NetworkNamespace.Create("watch");
        using SemaphoreSlim begun = new(0);
        using SemaphoreSlim go = new(0);
        int calls = 0;
        using RulesetWatch watch = space.Inside(() =>
        {
            Assert.True(RulesetWatch.TryStart(Take, out RulesetWatch? started, out Errno error), error.Text);
            return started;
        });

        space.RunChecked("nft", "add table inet one");
        Assert.True(begun.Wait(TimeSpan.FromSeconds(20)));
        string elements = string.Join(", ", Enumerable.Range(0, 20_000).Select(number => $"10.0.{number / 250}.{number % 250}"));
        ProcessRun.RunChecked(new ProcessCommand("nft", "-f", "-") { Namespace = space, Input = $"add set inet one s {{ type ipv4_addr; }}\nadd element inet one s {{ {elements} }}\n" });
        go.Release();
        Assert.True(begun.Wait(TimeSpan.FromSeconds(20)), "the changes that did not fit were not told");

        void Take()
        {
            begun.Release();
            if (Interlocked.Increment(ref calls) == 1)
            {
                go.Wait(TimeSpan.FromSeconds(20));
            }
        }
    }
}
