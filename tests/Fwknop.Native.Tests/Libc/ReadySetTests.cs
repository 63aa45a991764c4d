using Fwknop.Native.Libc;

namespace Fwknop.Native.Tests.Libc;

public sealed class ReadySetTests
{
    [Fact]
    public void It_tells_which_members_are_ready_and_is_ready_itself_as_long_as_one_is()
    {
        using var first = new WakeEvent();
        using var second = new WakeEvent();
        using var set = new ReadySet();
        using var poll = new PollSet(set.Descriptor);
        set.Add(first.Descriptor, 7);
        set.Add(second.Descriptor, -9);
        Assert.Empty(set.Take().ToArray());
        Assert.False(poll.Wait(TimeSpan.Zero));

        second.Set();
        Assert.True(poll.Wait(TimeSpan.Zero));
        Assert.Equal([-9], set.Take().ToArray());
        first.Set();
        Assert.Equal([-9, 7], set.Take().ToArray().Order());

        second.Reset();
        first.Reset();
        Assert.Empty(set.Take().ToArray());
        Assert.False(poll.Wait(TimeSpan.Zero));
    }

    [Fact]
    public void A_member_that_was_removed_does_not_count()
    {
        using var member = new WakeEvent();
        using var set = new ReadySet();
        set.Add(member.Descriptor, 1);
        member.Set();
        set.Remove(member.Descriptor);
        Assert.Empty(set.Take().ToArray());
        Assert.Throws<IOException>(() => set.Remove(member.Descriptor));
    }

    [Fact]
    public void More_members_than_fit_into_one_answer_are_all_told_in_turn()
    {
        using var set = new ReadySet();
        List<WakeEvent> members = [.. Enumerable.Range(0, 200).Select(_ => new WakeEvent())];
        for (var i = 0; i < members.Count; i++)
        {
            members[i].Set();
            set.Add(members[i].Descriptor, i);
        }

        HashSet<int> told = [];
        for (var i = 0; i < 10; i++)
        {
            told.UnionWith(set.Take().ToArray());
        }

        Assert.Equal(200, told.Count);
        members.ForEach(member => member.Dispose());
    }
}
