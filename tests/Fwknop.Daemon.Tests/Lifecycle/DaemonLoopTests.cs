using Fwknop.Configuration.Access;
using Fwknop.Configuration.Server;
using Fwknop.Daemon.Commands;
using Fwknop.Daemon.Control;
using Fwknop.Daemon.Enforcement;
using Fwknop.Daemon.Expiry;
using Fwknop.Daemon.Ledger;
using Fwknop.Daemon.Lifecycle;
using Fwknop.Daemon.Logging;
using Fwknop.Grants;
using Fwknop.TestSupport;

namespace Fwknop.Daemon.Tests.Lifecycle;

/// <summary>The order in which the daemon acts, and what it does not do.</summary>
public sealed class DaemonLoopTests : IDisposable
{
    private const string PolicyText = "SOURCE 10.0.0.0/24\nKEY k\nHMAC_KEY h\nOPEN_PORTS tcp/22\nFW_ACCESS_TIMEOUT 7\n";

    private const string Stop = "Gracefully leaving the fwknopd event loop.\nGot SIGTERM. Exiting...\nShutting Down fwknopd.\n";

    private readonly DaemonBench _bench = new();
    private readonly PlannedGenerations _source = new();
    private readonly AccessPolicy _policy = AccessFile.Parse(
        System.Text.Encoding.ASCII.GetBytes(PolicyText), "access.conf", TimeZoneInfo.Utc).Value!;

    public void Dispose()
    {
        _bench.Dispose();
        _policy.Dispose();
    }

    [Fact]
    public void Records_before_it_grants()
    {
        RecordingFirewall firewall = new(_ => " with " + File.ReadLines(CachePath).Count(line => line[0] != '#') + " recorded");
        Granted(Packets.Request(1));
        Stopped();

        Assert.Equal(0, Run(firewall));

        Assert.Equal(["Grant 192.0.2.7:tcp/22/7 with 1 recorded", "TearDown"], firewall.Calls);
        Assert.Equal($"[10.0.0.1] (stanza #1) Granted tcp/22 for 192.0.2.7 to user 'alice' for 7 seconds\n{Stop}", _bench.Lines);
    }

    [Fact]
    public void Makes_one_change_of_many_requests()
    {
        RecordingFirewall firewall = new();
        Granted(Packets.Request(1));
        Granted(Packets.Request(2, "192.0.2.8"));
        _bench.Events.Add(new DaemonEvent.Received(new ListenerMessage.Spent(Packets.Seen(3))));
        Stopped();

        Assert.Equal(0, Run(firewall));

        Assert.Equal(["Grant 192.0.2.7:tcp/22/7 192.0.2.8:tcp/22/7", "TearDown"], firewall.Calls);
        Assert.Equal([Packets.Seen(3).Digest, Packets.Seen(1).Digest, Packets.Seen(2).Digest], Recorded().Select(packet => packet.Digest));
    }

    /// <summary>A time that the file cannot hold would be skipped at the next start, and the packet forgotten.</summary>
    [Fact]
    public void Records_its_own_time_and_not_the_listeners()
    {
        long before = DateTimeOffset.UtcNow.ToUnixTimeSeconds();
        Granted(Packets.Request(1));
        _bench.Events.Add(new DaemonEvent.Received(new ListenerMessage.Spent(Packets.Seen(2) with { ReceivedAt = -1 })));
        Stopped();
        Run(new RecordingFirewall());
        Assert.Equal(2, Recorded().Count);
        Assert.All(Recorded(), packet => Assert.InRange(packet.ReceivedAt, before, DateTimeOffset.UtcNow.ToUnixTimeSeconds()));
    }

    [RootFact("mount")]
    public void Grants_nothing_that_it_could_not_record() => SmallDisk.Run(folder =>
    {
        RecordingFirewall firewall = new();
        for (int seed = 1; seed <= 200; seed++)
        {
            Granted(Packets.Request(seed));
        }

        Stopped();

        Assert.Equal(0, Run(firewall, Path.Combine(folder, "digest.cache")));

        Assert.Equal(["TearDown"], firewall.Calls);
        Assert.Contains($"Could not open digest cache: {Path.Combine(folder, "digest.cache")}: No space left on device", _bench.Lines, StringComparison.Ordinal);
        Assert.Contains("[10.0.0.1] Could not add digest to replay cache", _bench.Lines, StringComparison.Ordinal);
    });

    [Fact]
    public void Grants_no_packet_twice_in_one_batch()
    {
        RecordingFirewall firewall = new();
        Granted(Packets.Request(1));
        Granted(Packets.Request(1, "192.0.2.8"));
        Stopped();

        Run(firewall);

        Assert.Equal(["Grant 192.0.2.7:tcp/22/7", "TearDown"], firewall.Calls);
        Assert.Contains("recorded already; nothing is opened", _bench.Lines, StringComparison.Ordinal);
        Assert.Single(Recorded());
    }

    /// <summary>A listener does not know what the one before it has seen while it was being started (SIGHUP); written anew, such a packet has another digest.</summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Grants_no_packet_whose_content_is_recorded(bool isGranted)
    {
        RecordingFirewall firewall = new();
        _bench.Events.Add(new DaemonEvent.Received(isGranted
            ? new ListenerMessage.Granted(Packets.Request(1) with { Besides = [Packets.Seen(9).Digest] })
            : new ListenerMessage.Spent(Packets.Seen(9))));
        _bench.Events.Add(new DaemonEvent.Received(new ListenerMessage.Granted(
            Packets.Request(2, "192.0.2.8") with { Besides = [Packets.Seen(8).Digest, Packets.Seen(9).Digest] })));
        Stopped();

        Run(firewall);

        Assert.Equal(isGranted ? ["Grant 192.0.2.7:tcp/22/7", "TearDown"] : ["TearDown"], firewall.Calls);
        Assert.Contains("recorded already; nothing is opened", _bench.Lines, StringComparison.Ordinal);
        Assert.Contains(Packets.Seen(9).Digest, Recorded().Select(packet => packet.Digest));
    }

    [Fact]
    public void Grants_no_packet_that_was_only_spent()
    {
        RecordingFirewall firewall = new();
        _bench.Events.Add(new DaemonEvent.Received(new ListenerMessage.Spent(Packets.Seen(1))));
        Granted(Packets.Request(1));
        Stopped();

        Run(firewall);

        Assert.Equal(["TearDown"], firewall.Calls);
        Assert.Single(Recorded());
    }

    [Fact]
    public void Grants_no_packet_of_an_earlier_run()
    {
        RecordingFirewall firewall = new();
        using (DigestCache earlier = DigestCache.Open(CachePath, _bench.Log))
        {
            earlier.TryRecord([Packets.Seen(1)], out _);
        }

        Granted(Packets.Request(1));
        Stopped();

        Assert.Equal(0, Run(firewall));

        Assert.Equal(["TearDown"], firewall.Calls);
        Assert.Single(Recorded());
    }

    public static TheoryData<string, GrantRequest> Violations() => new()
    {
        { "other port", Packets.Request(1, port: 23) },
        { "other source", Packets.Request(1) with { Packet = Packets.Seen(1, "10.1.0.1") } },
        { "unknown stanza", Packets.Request(1) with { StanzaNumber = 2 } },
        { "everybody", Packets.Request(1, "0.0.0.0") },
    };

    [Theory]
    [MemberData(nameof(Violations))]
    public void Stops_when_the_listener_asks_for_more_than_it_may(string what, GrantRequest request)
    {
        RecordingFirewall firewall = new();
        Granted(Packets.Request(2));
        Granted(request);

        Assert.Equal(1, Run(firewall));

        Assert.True(firewall.Calls is ["Abandon"], $"{what}: {string.Join(", ", firewall.Calls)}");
        Assert.Contains($"[*] fwknopd-listener asked for more than stanza #{request.StanzaNumber} allows", _bench.Lines, StringComparison.Ordinal);
        Assert.Empty(Recorded());
    }

    [Fact]
    public void Stops_after_a_failure_of_the_listener_with_its_last_grants_settled()
    {
        RecordingFirewall firewall = new();
        Granted(Packets.Request(1));
        _bench.Events.Add(new DaemonEvent.ListenerFailed("fwknopd-listener has ended (status 139)"));
        Granted(Packets.Request(2));

        Assert.Equal(1, Run(firewall));

        Assert.Equal(["Grant 192.0.2.7:tcp/22/7", "Abandon"], firewall.Calls);
        Assert.Contains("[*] fwknopd-listener has ended (status 139)", _bench.Lines, StringComparison.Ordinal);
        Assert.Equal([Packets.Seen(1).Digest], Recorded().Select(packet => packet.Digest));
    }

    [Fact]
    public void Stops_at_a_message_out_of_turn()
    {
        RecordingFirewall firewall = new();
        _bench.Events.Add(new DaemonEvent.Received(new ListenerMessage.Ready()));
        Assert.Equal(1, Run(firewall));
        Assert.Equal(["Abandon"], firewall.Calls);
    }

    [Fact]
    public void Ends_well_at_the_packet_limit_but_leaves_the_guard_for_strangers_can_reach_it()
    {
        RecordingFirewall firewall = new();
        _bench.Events.Add(new DaemonEvent.Received(new ListenerMessage.LimitReached()));
        Assert.Equal(0, Run(firewall, packetLimit: 5));
        Assert.Equal(["Abandon"], firewall.Calls);
        Assert.Contains("Packet count limit (5) reached. Exiting...", _bench.Lines, StringComparison.Ordinal);
    }

    [Fact]
    public void Says_so_when_something_could_not_be_removed()
    {
        RecordingFirewall firewall = new() { TearDownSucceeds = false };
        Stopped();
        Assert.Equal(1, Run(firewall));
    }

    [Fact]
    public void Goes_on_with_what_it_has_when_the_new_configuration_is_refused()
    {
        RecordingFirewall firewall = new();
        _source.Next.Enqueue(_ =>
        {
            Granted(Packets.Request(1));
            Stopped();
            return null;
        });
        Reload();

        Assert.Equal(0, Run(firewall));

        Assert.Equal(["Grant 192.0.2.7:tcp/22/7", "TearDown"], firewall.Calls);
        Assert.Equal(
            $"Got SIGHUP. Re-reading configs.\n[*] The new configuration is not used: fwknopd goes on with the one it has\n{Stop}", LinesButGrants());
    }

    [Fact]
    public void The_next_listener_takes_over_and_the_one_before_is_told_to_end()
    {
        RecordingFirewall firewall = new();
        FakeListener first = new();
        FakeListener second = new();
        _source.Next.Enqueue(present =>
        {
            Assert.Equal(0, first.Told);
            Ready(1);
            Granted(Packets.Request(1, port: 23), generation: 1);
            Granted(Packets.Request(2));
            Ended(0);
            Granted(Packets.Request(3, "192.0.2.9", port: 23), generation: 1);
            Stopped();
            return Next(present, 1, "SOURCE 10.0.0.0/24\nKEY n\nHMAC_KEY h\nOPEN_PORTS tcp/23\nFW_ACCESS_TIMEOUT 9\n", second);
        });
        Reload();
        Reload();

        using (DigestCache ledger = DigestCache.Open(CachePath, _bench.Log))
        {
            DaemonLoop loop = Loop(firewall, ledger, config: new ServerConfig { DigestFile = CachePath }, listener: first);
            Assert.Equal(0, loop.Run());
        }

        Assert.Equal((1, true), (first.Told, first.IsDisposed));
        Assert.Equal((0, false), (second.Told, second.IsDisposed));
        Assert.Equal([1], _source.Established);
        Assert.Equal(["Grant 192.0.2.7:tcp/23/9 192.0.2.7:tcp/22/7 192.0.2.9:tcp/23/9", "TearDown"], firewall.Calls);
        Assert.Equal(
            $"Got SIGHUP. Re-reading configs.\nRe-starting fwknopd\nStarting fwknopd main event loop.\n{Stop}", LinesButGrants());
        Assert.Equal(3, Recorded().Count);
    }

    [Fact]
    public void A_packet_that_both_listeners_see_counts_once_and_quietly()
    {
        RecordingFirewall firewall = new();
        _source.Next.Enqueue(present =>
        {
            Granted(Packets.Request(1));
            _bench.Events.Add(new DaemonEvent.Received(new ListenerMessage.Spent(Packets.Seen(2))));
            Ready(1);
            Ended(0);
            Granted(Packets.Request(1), generation: 1);
            _bench.Events.Add(new DaemonEvent.Received(new ListenerMessage.Spent(Packets.Seen(2)), 1));
            Stopped();
            return Next(present, 1, PolicyText);
        });
        Reload();

        Assert.Equal(0, Run(firewall));

        Assert.Equal(["Grant 192.0.2.7:tcp/22/7", "TearDown"], firewall.Calls);
        Assert.DoesNotContain("recorded already", _bench.Lines, StringComparison.Ordinal);
        Assert.Equal(2, Recorded().Select(packet => packet.Digest).Distinct().Count());
    }

    [Fact]
    public void A_next_listener_that_fails_changes_nothing()
    {
        RecordingFirewall firewall = new();
        FakeListener second = new();
        _source.Next.Enqueue(present =>
        {
            _bench.Events.Add(new DaemonEvent.ListenerFailed("fwknopd-listener has ended (status 139)", Generation: 1));
            Granted(Packets.Request(1));
            Ready(1);
            Stopped();
            return Next(present, 1, PolicyText, second);
        });
        Reload();

        Assert.Equal(0, Run(firewall));

        Assert.True(second.IsDisposed);
        Assert.Empty(_source.Established);
        Assert.Equal(["Grant 192.0.2.7:tcp/22/7", "TearDown"], firewall.Calls);
        Assert.Equal(
            "Got SIGHUP. Re-reading configs.\n[*] fwknopd-listener has ended (status 139)\n"
            + $"[*] The new configuration is not used: fwknopd goes on with the one it has\n{Stop}",
            LinesButGrants());
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Another_firewall_takes_over_the_grants_or_nothing_changes(bool fails)
    {
        GrantKey key = Enforcement.Grants.Key("192.0.2.7", "tcp/22");
        RecordingFirewall firewall = new() { Live = [new LiveGrant(key, new GrantEnd(TimeSpan.MaxValue, 1))] };
        RecordingFirewall other = new() { PrepareError = fails ? "nft: no" : null };
        _source.Next.Enqueue(present =>
        {
            Ready(1);
            Ended(fails ? 1 : 0);
            Stopped();
            return Next(present, 1, PolicyText, firewall: other);
        });
        Reload();

        Assert.Equal(0, Run(firewall));

        string[] calls = fails ? ["Prepare 192.0.2.7", "TearDown"] : ["GiveWay", "Dispose"];
        string[] otherCalls = fails ? ["Prepare 192.0.2.7", "Dispose"] : ["Prepare 192.0.2.7", "TearDown"];
        Assert.Equal(calls, firewall.Calls);
        Assert.Equal(otherCalls, other.Calls);
        Assert.Equal(fails, _bench.Lines.Contains("[*] nft: no\n[*] The new configuration is not used", StringComparison.Ordinal));
    }

    [Fact]
    public void What_was_recorded_meanwhile_is_in_the_new_file_too()
    {
        RecordingFirewall firewall = new();
        string other = _bench.Folder.FilePath("other.cache");
        _source.Next.Enqueue(present =>
        {
            DigestCache ledger = DigestCache.Open(other, _bench.Log);
            ledger.TakeOver(CachePath, _bench.Log);
            Granted(Packets.Request(2));
            _bench.Events.Add(new DaemonEvent.Received(new ListenerMessage.Spent(Packets.Seen(3))));
            Timer later = new(_ => Ready(1), null, TimeSpan.FromMilliseconds(100), Timeout.InfiniteTimeSpan);
            return Next(present, 1, PolicyText, new FakeListener(later), ledger: ledger, digestFile: other);
        });
        _source.Next.Enqueue(_ =>
        {
            Stopped();
            return null;
        });
        Granted(Packets.Request(1));
        Reload();
        FakeListener first = new(whenTold: () =>
        {
            Ended(0);
            Granted(Packets.Request(1), generation: 1);
            Granted(Packets.Request(2), generation: 1);
            Reload();
        });

        using (DigestCache ledger = DigestCache.Open(CachePath, _bench.Log))
        {
            Assert.Equal(0, Loop(firewall, ledger, config: new ServerConfig { DigestFile = CachePath }, listener: first).Run());
        }

        Assert.Equal(3, File.ReadLines(other).Count(line => line[0] != '#'));
        Assert.Equal(2, firewall.Calls.Count(call => call.StartsWith("Grant", StringComparison.Ordinal)));
    }

    [Fact]
    public void Wakes_when_a_grant_ends()
    {
        RecordingFirewall firewall = new() { NextDue = Moment.Now(TimeProvider.System).Monotonic };
        using Timer stop = new(_ => Stopped(), null, TimeSpan.FromMilliseconds(100), Timeout.InfiniteTimeSpan);
        Assert.Equal(0, Run(firewall));
        Assert.Equal(["Expire", "TearDown"], firewall.Calls);
    }

    /// <summary>Who revokes must not be outrun by a packet that waits in the same batch.</summary>
    [Fact]
    public void Revokes_after_the_grants_that_came_with_it()
    {
        GrantKey key = Enforcement.Grants.Key("192.0.2.7", "tcp/22");
        RecordingFirewall firewall = null!;
        firewall = new RecordingFirewall(_ =>
        {
            firewall.Live = [new LiveGrant(key, new GrantEnd(TimeSpan.MaxValue, 1) { Holder = new GrantHolder(1, null, "x\n[] forged", 1) })];
            return "";
        });
        List<ControlAnswer> answers = [];
        Asked("""{"protocol":1,"request":"revoke","grants":"192.0.2.0/24,22","cut":false}""", answers);
        Granted(Packets.Request(1));
        Asked("""{"protocol":1,"request":"list"}""", answers);
        Asked("""{"protocol":1,"request":"status"}""", answers);
        Stopped();

        Assert.Equal(0, Run(firewall));

        Assert.Equal(["Grant 192.0.2.7:tcp/22/7", "Revoke 192.0.2.7:tcp/22", "TearDown"], firewall.Calls);
        Assert.Equal(key.Source, Assert.Single(Assert.IsType<ControlAnswer.Revocation>(answers[0]).Revoked).Addresses);
        Assert.Empty(Assert.IsType<ControlAnswer.Grants>(answers[1]).Open);
        Assert.Equal(
            ["packets 1", "opened 1", "extended 0", "failed 0", "ended 0", "revoked 1", "commands 0"],
            Assert.IsType<ControlAnswer.Status>(answers[2]).Counters.Select(counter => $"{counter.Key} {counter.Value}"));
        Assert.Contains(
            "[192.0.2.7] Revoked tcp/22 for 192.0.2.7 (stanza #1), user 'x?[] forged', as user id 7 asked by the control socket\n",
            _bench.Lines,
            StringComparison.Ordinal);
    }

    [Fact]
    public void Says_what_could_not_be_revoked()
    {
        GrantKey key = new(System.Net.IPNetwork.Parse("192.0.2.7/32"), null, Configuration.PortRange.Of(Protocol.PortSpec.Tcp(22)));
        RecordingFirewall firewall = new()
        {
            Live = [new LiveGrant(key, new GrantEnd(TimeSpan.MaxValue, 1))],
            RevokeError = "nft: no",
        };
        List<ControlAnswer> answers = [];
        Asked("""{"protocol":1,"request":"revoke","grants":"192.0.2.7","cut":false}""", answers);
        Stopped();

        Assert.Equal(0, Run(firewall));

        ControlAnswer.Revocation answer = Assert.IsType<ControlAnswer.Revocation>(Assert.Single(answers));
        Assert.Empty(answer.Revoked);
        Assert.Equal(["the firewall could not be changed: nft: no"], answer.Problems);
        Assert.Contains("Could not revoke the grants of 192.0.2.7: nft: no\n", _bench.Lines, StringComparison.Ordinal);
    }

    [Fact]
    public void Is_not_asked_in_vain_while_it_starts()
    {
        List<ControlAnswer> answers = [];
        Asked("""{"protocol":1,"request":"list"}""", answers);
        _bench.Events.Add(new DaemonEvent.Received(new ListenerMessage.Ready()));
        Assert.Null(Loop(new RecordingFirewall(), null).WaitUntilReady());
        Assert.IsType<ControlAnswer.Refused>(Assert.Single(answers));
    }

    [Fact]
    public void Takes_the_destination_from_the_packet()
    {
        RecordingFirewall firewall = new();
        Granted(Packets.Request(1));
        Stopped();
        Run(firewall, config: new ServerConfig { UsesDestinationRule = true });
        Assert.Equal(["Grant 192.0.2.7>10.0.0.9:tcp/22/7", "TearDown"], firewall.Calls);
    }

    /// <summary>The header of a packet is not authenticated, and a listener that has been taken over may say anything.</summary>
    [Theory]
    [InlineData("0.0.0.0")]
    [InlineData("::")]
    public void A_destination_that_means_everywhere_opens_nothing_and_stops_nothing(string destination)
    {
        RecordingFirewall firewall = new();
        Granted(Packets.Request(1) with { Packet = Packets.Seen(1, destination: destination) });
        Granted(Packets.Request(2));
        Stopped();

        Assert.Equal(0, Run(firewall, config: new ServerConfig { UsesDestinationRule = true }));

        Assert.Equal(["Grant 192.0.2.7>10.0.0.9:tcp/22/7", "TearDown"], firewall.Calls);
        Assert.Equal(2, Recorded().Count);
    }

    [Fact]
    public void Works_without_a_record_where_that_is_turned_off()
    {
        RecordingFirewall firewall = new();
        Granted(Packets.Request(1));
        Granted(Packets.Request(1));
        Stopped();
        Assert.Equal(0, Loop(firewall, null).Run());
        Assert.Equal(["Grant 192.0.2.7:tcp/22/7", "TearDown"], firewall.Calls);
    }

    [Fact]
    public void Waits_for_the_listener_and_keeps_what_it_sent_already()
    {
        RecordingFirewall firewall = new();
        using DigestCache ledger = DigestCache.Open(CachePath, _bench.Log);
        _bench.Events.Add(new DaemonEvent.Received(new ListenerMessage.Ready()));
        Granted(Packets.Request(1));
        Stopped();
        DaemonLoop loop = Loop(firewall, ledger);

        Assert.Null(loop.WaitUntilReady());
        Assert.Empty(firewall.Calls);
        Assert.Equal(0, loop.Run());

        Assert.Equal(["Grant 192.0.2.7:tcp/22/7", "TearDown"], firewall.Calls);
    }

    [Fact]
    public void Does_not_start_when_the_listener_fails()
    {
        _bench.Events.Add(new DaemonEvent.ListenerFailed("fwknopd-listener has ended (status 1)"));
        DaemonLoop loop = Loop(new RecordingFirewall(), null);
        Assert.Equal(1, loop.WaitUntilReady());
        Assert.Equal("[*] fwknopd-listener has ended (status 1)\n", _bench.Lines);
    }

    [Fact]
    public void Adds_nothing_to_what_the_listener_has_said_itself()
    {
        _bench.Events.Add(new DaemonEvent.ListenerFailed("fwknopd-listener has ended (status 1)", IsExplained: true));
        DaemonLoop loop = Loop(new RecordingFirewall(), null);
        Assert.Equal(1, loop.WaitUntilReady());
        Assert.Empty(_bench.Lines);
    }

    [Fact]
    public void Does_not_start_when_told_to_stop()
    {
        Stopped();
        DaemonLoop loop = Loop(new RecordingFirewall(), null);
        Assert.Equal(0, loop.WaitUntilReady());
        Assert.Equal("Got SIGTERM. Exiting...\n", _bench.Lines);
    }

    [Fact]
    public void Counts_from_its_start_and_not_from_the_first_question()
    {
        List<ControlAnswer> answers = [];
        DaemonLoop loop = Loop(new RecordingFirewall(), null);
        DateTimeOffset made = DateTimeOffset.UtcNow;
        Asked("""{"protocol":1,"request":"status"}""", answers);
        Stopped();
        loop.Run();
        Assert.True(Assert.IsType<ControlAnswer.Status>(Assert.Single(answers)).Since <= made);
    }

    private string CachePath => _bench.Folder.FilePath("digest.cache");

    private int Run(RecordingFirewall firewall, string? cache = null, ServerConfig? config = null, int packetLimit = 0)
    {
        cache ??= CachePath;
        using DigestCache ledger = DigestCache.Open(cache, _bench.Log);
        return Loop(firewall, ledger, packetLimit, (config ?? new ServerConfig()) with { DigestFile = cache }).Run();
    }

    private DaemonLoop Loop(
        RecordingFirewall firewall, DigestCache? ledger, int packetLimit = 0, ServerConfig? config = null, FakeListener? listener = null)
    {
        Generation first = new()
        {
            Config = config ?? new ServerConfig(),
            Policy = _policy,
            Firewall = firewall,
            Ledger = ledger,
            Listener = listener,
        };
        StanzaCommands commands = new(null, _bench.Events, _bench.Log);
        return new DaemonLoop(first, _source, packetLimit, _bench.Events, commands, _bench.Log, ServiceManager.Find(_ => null));
    }

    private IReadOnlyList<SeenPacket> Recorded()
    {
        using DigestCache cache = DigestCache.Open(CachePath, _bench.Log);
        return cache.Records;
    }

    private string LinesButGrants() =>
        string.Concat(_bench.Lines.Split('\n').SkipLast(1).Where(line => !line.Contains(") Granted ", StringComparison.Ordinal)).Select(line => line + "\n"));

    private void Granted(GrantRequest request, int generation = 0) =>
        _bench.Events.Add(new DaemonEvent.Received(new ListenerMessage.Granted(request), generation));

    private void Asked(string request, List<ControlAnswer> answers) => _bench.Events.Add(new DaemonEvent.ControlAsked(
        ControlRequest.Parse(System.Text.Encoding.UTF8.GetBytes(request), out _)!, UserId: 7, answers.Add));

    private void Reload() => _bench.Events.Add(new DaemonEvent.ReloadAsked());

    private void Ready(int generation) => _bench.Events.Add(new DaemonEvent.Received(new ListenerMessage.Ready(), generation));

    private void Ended(int generation) => _bench.Events.Add(new DaemonEvent.ListenerFailed("it has ended", Generation: generation));

    private static Generation Next(
        Generation present,
        int number,
        string access,
        FakeListener? listener = null,
        RecordingFirewall? firewall = null,
        DigestCache? ledger = null,
        string? digestFile = null) => new()
        {
            Number = number,
            Config = present.Config with { DigestFile = digestFile ?? present.Config.DigestFile },
            Policy = AccessFile.Parse(System.Text.Encoding.ASCII.GetBytes(access), "access.conf", TimeZoneInfo.Utc).Value!,
            Firewall = firewall ?? present.Firewall,
            Ledger = ledger ?? DigestCache.Open(present.Config.DigestFile, new DaemonLog(TextWriter.Null, 0)),
            Listener = listener,
        };

    private void Stopped() => _bench.Events.Add(new DaemonEvent.StopAsked("Got SIGTERM. Exiting..."));
}
