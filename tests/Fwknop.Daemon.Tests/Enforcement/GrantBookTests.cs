using Fwknop.Daemon.Enforcement;
using Fwknop.Daemon.Expiry;

namespace Fwknop.Daemon.Tests.Enforcement;

public sealed class GrantBookTests
{
    private readonly GrantBook _book = new(maxLive: 20);
    private readonly RecordingLog _log = new();

    [Fact]
    public void The_whole_request_is_in_the_line_of_each_port()
    {
        IReadOnlyList<GrantOutcome> outcomes = Do(At(0), Grants.Of("10.0.0.1", "tcp/22,udp/53", 30));

        Assert.Equal([GrantOutcome.Added], outcomes);
        Assert.Equal(
            [
                "I Added access rule to FWKNOP_INPUT for 10.0.0.1 -> 0.0.0.0/0 tcp/22,udp/53, expires at 1030",
                "I Added access rule to FWKNOP_INPUT for 10.0.0.1 -> 0.0.0.0/0 tcp/22,udp/53, expires at 1030",
            ],
            _log.Lines);
    }

    [Theory]
    [InlineData("2001:db8::1", null, "2001:db8::1 -> ::/0")]
    [InlineData("2001:db8::1", "2001:db8::2", "2001:db8::1 -> 2001:db8::2")]
    [InlineData("10.0.0.1", "10.0.0.2", "10.0.0.1 -> 10.0.0.2")]
    public void The_line_names_the_destination(string source, string? destination, string text)
    {
        Do(At(0), Grants.Of(source, "tcp/22", 30, destination));
        Assert.Equal([$"I Added access rule to FWKNOP_INPUT for {text} tcp/22, expires at 1030"], _log.Lines);
    }

    [Fact]
    public void A_second_grant_extends_the_first()
    {
        Do(At(0), Grants.Of("10.0.0.1", "tcp/22", 30));
        _log.Clear();

        Assert.Equal([GrantOutcome.Extended], Do(At(10), Grants.Of("10.0.0.1", "tcp/22", 30)));
        Assert.Equal(["I Extended access rule in FWKNOP_INPUT for 10.0.0.1 -> 0.0.0.0/0 tcp/22, expires at 1040"], _log.Lines);
        Assert.Equal(1, _book.Count);
        Assert.Equal(TimeSpan.FromSeconds(40), _book.NextDue);
    }

    [Fact]
    public void A_shorter_second_grant_shortens_nothing()
    {
        Do(At(0), Grants.Of("10.0.0.1", "tcp/22", 60));

        GrantPlan plan = _book.Plan([Grants.Of("10.0.0.1", "tcp/22", 5)], At(10), _ => null);

        GrantChange change = Assert.Single(plan.Changes);
        Assert.Equal(change.Before, change.After);
        _book.Commit(plan.Changes);
        plan.Report(_ => null, _ => [("access", "FWKNOP_INPUT")], _log);
        Assert.EndsWith("expires at 1060", _log.Lines[^1], StringComparison.Ordinal);
        Assert.Equal(TimeSpan.FromSeconds(60), _book.NextDue);
    }

    [Fact]
    public void Who_asked_for_the_later_end_has_the_grant_since_it_was_opened()
    {
        GrantHolder alice = new(1, "office", "alice", 1000);
        GrantHolder bob = new(2, null, "bob", 1010);
        Do(At(0), Of(alice, 30));
        Do(At(10), Of(bob, 5));
        Assert.Equal(alice, Assert.Single(_book.Live).End.Holder);

        Do(At(10), Of(bob, 60));
        Assert.Equal(bob with { Since = 1000 }, Assert.Single(_book.Live).End.Holder);
        Assert.Equal(bob with { Since = 1000 }, Assert.Single(_book.TakeDue(At(70))).End.Holder);

        static FirewallGrant Of(GrantHolder holder, double seconds) => new(
            Grants.Network("10.0.0.1"), null, [Grants.Range("tcp/22")], TimeSpan.FromSeconds(seconds))
        { Holder = holder };
    }

    [Fact]
    public void What_is_removed_before_its_time_is_not_due_any_more()
    {
        Do(At(0), Grants.Of("10.0.0.1", "tcp/22", 30), Grants.Of("10.0.0.2", "tcp/22", 40));
        _book.Remove([Grants.Key("10.0.0.1", "tcp/22"), Grants.Key("10.0.0.9", "tcp/22")]);
        Assert.Equal(Grants.Key("10.0.0.2", "tcp/22"), Assert.Single(_book.Live).Key);
        Assert.Equal(TimeSpan.FromSeconds(40), _book.NextDue);
    }

    [Fact]
    public void Two_grants_of_one_batch_are_one_change()
    {
        GrantPlan plan = _book.Plan(
            [Grants.Of("10.0.0.1", "tcp/22", 60), Grants.Of("10.0.0.1", "tcp/22,tcp/80", 5)], At(0), _ => null);

        Assert.Equal(2, plan.Changes.Count);
        Assert.All(plan.Changes, change => Assert.Null(change.Before));
        Assert.Equal(1060, plan.Changes.Single(change => change.Key.Ports.First == 22).After.Epoch);
        Assert.Equal([GrantOutcome.Added, GrantOutcome.Added], plan.Report(_ => null, _ => [("access", "C")], _log));
        Assert.Equal(
            [
                "I Added access rule to C for 10.0.0.1 -> 0.0.0.0/0 tcp/22, expires at 1060",
                "I Extended access rule in C for 10.0.0.1 -> 0.0.0.0/0 tcp/22,tcp/80, expires at 1060",
                "I Added access rule to C for 10.0.0.1 -> 0.0.0.0/0 tcp/22,tcp/80, expires at 1005",
            ],
            _log.Lines);
    }

    [Fact]
    public void A_port_asked_for_twice_is_opened_once()
    {
        Do(At(0), Grants.Of("10.0.0.1", "tcp/22,tcp/22", 30));
        Assert.Single(_log.Lines);
        Assert.Equal(1, _book.Count);
    }

    [Fact]
    public void Other_source_port_protocol_or_destination_is_another_grant()
    {
        Do(
            At(0),
            Grants.Of("10.0.0.1", "tcp/22", 30),
            Grants.Of("10.0.0.2", "tcp/22", 30),
            Grants.Of("10.0.0.1", "udp/22", 30),
            Grants.Of("10.0.0.1", "tcp/23", 30),
            Grants.Of("10.0.0.1", "tcp/22", 30, "10.0.0.9"));
        Assert.Equal(5, _book.Count);
    }

    [Fact]
    public void A_plan_that_is_not_committed_leaves_no_trace()
    {
        GrantPlan plan = _book.Plan([Grants.Of("10.0.0.1", "tcp/22", 30)], At(0), _ => null);

        Assert.Equal([GrantOutcome.Failed], plan.Report(_ => "no memory", _ => [("access", "C")], _log));
        Assert.Equal(["E Could not add access rule to C for 10.0.0.1 -> 0.0.0.0/0 tcp/22: no memory"], _log.Lines);
        Assert.Equal(0, _book.Count);
        Assert.Null(_book.NextDue);
    }

    [Fact]
    public void A_failure_of_one_family_is_not_one_of_the_other()
    {
        GrantPlan plan = _book.Plan(
            [Grants.Of("10.0.0.1", "tcp/22", 30), Grants.Of("2001:db8::1", "tcp/22", 30)], At(0), _ => null);

        Assert.Equal([GrantOutcome.Added, GrantOutcome.Failed], plan.Report(ipv6 => ipv6 ? "no" : null, _ => [("access", "C")], _log));
    }

    [Fact]
    public void Source_and_destination_of_different_families_cannot_be_granted()
    {
        Assert.Equal([GrantOutcome.Failed], Do(At(0), Grants.Of("2001:db8::1", "tcp/22", 30, "10.0.0.2")));
        Assert.StartsWith("E Could not add access rule", Assert.Single(_log.Lines), StringComparison.Ordinal);
    }

    [Fact]
    public void What_the_firewall_refuses_does_not_hinder_the_rest()
    {
        GrantPlan plan = _book.Plan(
            [Grants.Of("10.0.0.1", "tcp/22", 30), Grants.Of("10.0.0.2", "tcp/22", 30)],
            At(0),
            grant => NetworkText.Of(grant.Source) == "10.0.0.1" ? "not him" : null);

        Assert.Single(plan.Changes);
        Assert.Equal([GrantOutcome.Failed, GrantOutcome.Added], plan.Report(_ => null, _ => [("access", "C")], _log));
    }

    [Fact]
    public void A_full_book_refuses_new_grants_and_extends_those_that_are_in_it()
    {
        GrantBook book = new(maxLive: 2);
        Assert.Equal([GrantOutcome.Added, GrantOutcome.Failed, GrantOutcome.Extended], Plan(
            Grants.Of("10.0.0.1", "tcp/22,tcp/23", 30), Grants.Of("10.0.0.2", "tcp/22", 30), Grants.Of("10.0.0.1", "tcp/23", 60)));
        Assert.Equal([GrantOutcome.Extended, GrantOutcome.Failed], Plan(Grants.Of("10.0.0.1", "tcp/22", 90), Grants.Of("10.0.0.1", "tcp/22,tcp/24", 90)));
        Assert.Contains(_log.Lines, line => line.EndsWith(": 2 grants are open already", StringComparison.Ordinal));

        IReadOnlyList<GrantOutcome> Plan(params FirewallGrant[] batch)
        {
            GrantPlan plan = book.Plan(batch, At(0), _ => null);
            book.Commit(plan.Changes);
            return plan.Report(_ => null, _ => [("access", "FWKNOP_INPUT")], _log);
        }
    }

    [Fact]
    public void A_grant_that_is_over_but_not_collected_yet_is_added_anew()
    {
        Do(At(0), Grants.Of("10.0.0.1", "tcp/22", 30));
        Assert.Equal([GrantOutcome.Added], Do(At(30), Grants.Of("10.0.0.1", "tcp/22", 30)));
        Assert.Empty(_book.TakeDue(At(59)));
        Assert.Equal(1060, Assert.Single(_book.TakeDue(At(60))).End.Epoch);
    }

    [Fact]
    public void Setting_the_clock_changes_no_deadline()
    {
        Do(At(0), Grants.Of("10.0.0.1", "tcp/22", 30));
        Assert.Empty(_book.TakeDue(new Moment(TimeSpan.FromSeconds(29), DateTimeOffset.FromUnixTimeSeconds(99_999))));
        Assert.Single(_book.TakeDue(new Moment(TimeSpan.FromSeconds(30), DateTimeOffset.FromUnixTimeSeconds(0))));
    }

    private IReadOnlyList<GrantOutcome> Do(Moment now, params FirewallGrant[] batch)
    {
        GrantPlan plan = _book.Plan(batch, now, _ => null);
        _book.Commit(plan.Changes);
        return plan.Report(_ => null, _ => [("access", "FWKNOP_INPUT")], _log);
    }

    private static Moment At(int seconds) => new(TimeSpan.FromSeconds(seconds), DateTimeOffset.FromUnixTimeSeconds(1000 + seconds));
}
