using Fwknop.Daemon.Expiry;

namespace Fwknop.Daemon.Tests.Expiry;

public sealed class ExpiryQueueTests
{
    private readonly ExpiryQueue<string> _queue = new();

    [Fact]
    public void Empty_queue_is_never_due()
    {
        Assert.Null(_queue.NextDue);
        Assert.Empty(_queue.TakeDue(TimeSpan.MaxValue));
    }

    [Fact]
    public void The_earliest_deadline_comes_first()
    {
        _queue.ExtendTo("late", At(30));
        _queue.ExtendTo("early", At(10));
        _queue.ExtendTo("middle", At(20));

        Assert.Equal(At(10), _queue.NextDue);
        Assert.Equal(["early", "middle"], _queue.TakeDue(At(20)));
        Assert.Equal(At(30), _queue.NextDue);
        Assert.Equal(1, _queue.Count);
    }

    [Fact]
    public void A_deadline_is_due_at_its_instant_and_not_before()
    {
        _queue.ExtendTo("key", At(10));

        Assert.Empty(_queue.TakeDue(At(10) - new TimeSpan(1)));
        Assert.Equal(["key"], _queue.TakeDue(At(10)));
    }

    [Fact]
    public void An_extended_deadline_replaces_the_earlier_one()
    {
        _queue.ExtendTo("key", At(10));
        _queue.ExtendTo("other", At(15));
        _queue.ExtendTo("key", At(20));

        Assert.Equal(At(15), _queue.NextDue);
        Assert.Equal(["other"], _queue.TakeDue(At(19)));
        Assert.Equal(At(20), _queue.NextDue);
    }

    [Fact]
    public void A_deadline_is_never_shortened()
    {
        _queue.ExtendTo("key", At(20));
        _queue.ExtendTo("key", At(10));

        Assert.Equal(At(20), _queue.NextDue);
        Assert.Empty(_queue.TakeDue(At(19)));
    }

    [Fact]
    public void A_key_that_was_taken_or_removed_can_come_again()
    {
        _queue.ExtendTo("key", At(10));
        Assert.True(_queue.Remove("key"));
        Assert.False(_queue.Remove("key"));
        _queue.ExtendTo("key", At(5));
        Assert.Equal(["key"], _queue.TakeDue(At(5)));
        _queue.ExtendTo("key", At(30));

        Assert.Equal(At(30), _queue.NextDue);
        Assert.Equal(1, _queue.Count);
    }

    [Fact]
    public void Ten_thousand_deadlines_are_due_one_by_one()
    {
        var queue = new ExpiryQueue<int>();
        int[] order = [.. Enumerable.Range(0, 10_000)];
        new Random(1).Shuffle(order);
        foreach (int second in order)
        {
            queue.ExtendTo(second, At(second));
        }

        for (int second = 0; second < 10_000; second++)
        {
            Assert.Equal(At(second), queue.NextDue);
            Assert.Equal([second], queue.TakeDue(At(second)));
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void It_agrees_with_a_plain_dictionary(int seed)
    {
        var random = new Random(seed);
        var queue = new ExpiryQueue<int>();
        Dictionary<int, TimeSpan> model = [];
        for (int now = 0; now < 5_000; now++)
        {
            int key = random.Next(50);
            if (random.Next(10) == 0)
            {
                Assert.Equal(model.Remove(key), queue.Remove(key));
            }
            else
            {
                TimeSpan due = At(now + random.Next(200));
                queue.ExtendTo(key, due);
                model[key] = model.TryGetValue(key, out TimeSpan present) && present > due ? present : due;
            }

            int[] expected = [.. model.Where(entry => entry.Value <= At(now)).Select(entry => entry.Key).Order()];
            Assert.Equal(expected, queue.TakeDue(At(now)).Order());
            Array.ForEach(expected, taken => model.Remove(taken));
            Assert.Equal(model.Count == 0 ? null : model.Values.Min(), queue.NextDue);
        }
    }

    private static TimeSpan At(int seconds) => TimeSpan.FromSeconds(seconds);
}
