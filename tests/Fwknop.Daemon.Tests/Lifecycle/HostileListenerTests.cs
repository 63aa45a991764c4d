using System.Net;
using System.Text;
using Fwknop.Configuration.Access;
using Fwknop.Configuration.Server;
using Fwknop.Daemon.Commands;
using Fwknop.Daemon.Enforcement;
using Fwknop.Daemon.Expiry;
using Fwknop.Daemon.Ledger;
using Fwknop.Daemon.Lifecycle;
using Fwknop.Daemon.Logging;
using Fwknop.Grants;
using Fwknop.Protocol;
using Fwknop.TestSupport;

namespace Fwknop.Daemon.Tests.Lifecycle;

/// <summary>What the daemon does with the messages of a listener that may have been taken over.</summary>
public sealed class HostileListenerTests : IDisposable
{
    private static readonly PackedAddress Client = PackedAddress.From(IPAddress.Parse("192.0.2.7"));
    private static readonly PackedAddress Server = PackedAddress.From(IPAddress.Parse("192.0.2.1"));

    private readonly TemporaryFolder _folder = new();
    private readonly DaemonEvents _events = new();
    private readonly FakeFirewall _firewall = new();
    private readonly StringWriter _log = new();

    public void Dispose()
    {
        _events.Dispose();
        _folder.Dispose();
        _log.Dispose();
        _firewall.Dispose();
    }

    [Theory]
    [InlineData(0, 1, "Abandon")]
    [InlineData(5, 0, "Abandon")]
    public void A_packet_limit_does_not_take_the_guard_away(int packetLimit, int status, string end)
    {
        _events.Add(new DaemonEvent.Received(new ListenerMessage.LimitReached()));
        Assert.Equal(status, Run(new ServerConfig(), packetLimit));
        Assert.Equal([end], _firewall.Calls);
    }

    [Theory]
    [InlineData("0.0.0.0")]
    [InlineData("::")]
    public void A_packet_to_nowhere_opens_nothing_with_destination_rules(string destination)
    {
        _events.Add(Granted(1, PackedAddress.From(IPAddress.Parse(destination)), receivedAt: 1));
        _events.Add(Granted(2, Server, receivedAt: 1));
        StopAfter();
        Assert.Equal(0, Run(new ServerConfig { UsesDestinationRule = true }, packetLimit: 0));
        Assert.Equal(["Grant 192.0.2.7 -> 192.0.2.1", "TearDown"], _firewall.Calls);
        Assert.Contains("which is no host", _log.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void A_bug_leaves_no_grant_without_an_end()
    {
        _firewall.Failure = new InvalidOperationException("bug");
        _events.Add(Granted(1, Server, receivedAt: 1));
        Assert.Throws<InvalidOperationException>(() => Run(new ServerConfig(), packetLimit: 0));
        Assert.Equal(["Abandon"], _firewall.Calls);
    }

    [Theory]
    [InlineData(-1)]
    [InlineData(long.MaxValue)]
    [InlineData(253402300799)]
    public void A_record_carries_the_time_of_the_daemon(long receivedAt)
    {
        string path = _folder.FilePath("digest.cache");
        DaemonLog log = new(_log, verbosity: 0);
        long before = DateTimeOffset.UtcNow.ToUnixTimeSeconds();
        using (DigestCache ledger = DigestCache.Open(path, log))
        {
            _events.Add(Granted(1, Server, receivedAt));
            _events.Add(new DaemonEvent.Received(new ListenerMessage.Spent(Packet(2, Server, receivedAt))));
            StopAfter();
            Assert.Equal(0, Run(new ServerConfig(), packetLimit: 0, ledger));
        }

        using DigestCache read = DigestCache.Open(path, log);
        Assert.Equal(2, read.Records.Count);
        Assert.All(read.Records, record => Assert.InRange(record.ReceivedAt, before, before + 30));
    }

    private static SeenPacket Packet(byte number, PackedAddress destination, long receivedAt)
    {
        byte[] digest = new byte[ReplayDigest.Size];
        digest[0] = number;
        return new SeenPacket(new ReplayDigest(digest), new PacketOrigin(17, Client, 1, destination, 62201), receivedAt);
    }

    private static DaemonEvent.Received Granted(byte number, PackedAddress destination, long receivedAt) => new(new ListenerMessage.Granted(
        new GrantRequest(1, Packet(number, destination, receivedAt), Client.ToIPAddress(), [PortSpec.Tcp(22)], 0, "tester")));

    private void StopAfter() => _events.Add(new DaemonEvent.StopAsked("Got SIGTERM. Exiting..."));

    private int Run(ServerConfig config, int packetLimit, DigestCache? ledger = null)
    {
        byte[] access = Encoding.ASCII.GetBytes("SOURCE ANY\nKEY one\nHMAC_KEY two\n");
        using AccessPolicy policy = AccessFile.Parse(access, "access.conf", TimeZoneInfo.Utc).Value!;
        Generation first = new() { Config = config, Policy = policy, Firewall = _firewall, Ledger = ledger };
        using DaemonLog log = new(_log, verbosity: 0);
        return new DaemonLoop(first, new PlannedGenerations(), packetLimit, _events, new StanzaCommands(null, _events, log), log, ServiceManager.Find(_ => null)).Run();
    }

    private sealed class FakeFirewall : IFirewall
    {
        public List<string> Calls { get; } = [];

        public Exception? Failure { get; set; }

        public string Description => "fake";

        public string Name => "fake";

        public TimeSpan? NextDue => null;

        public IEnumerable<LiveGrant> Live => [];

        public void Prepare(Moment now, IReadOnlyCollection<LiveGrant> carried) => Calls.Add("Prepare");

        public IReadOnlyList<GrantOutcome> Grant(IReadOnlyList<FirewallGrant> batch, Moment now)
        {
            if (Failure is not null)
            {
                throw Failure;
            }

            Calls.AddRange(batch.Select(grant => $"Grant {NetworkText.Of(grant.Source)} -> {grant.Destination}"));
            return [.. batch.Select(_ => GrantOutcome.Added)];
        }

        public int Expire(Moment now)
        {
            Calls.Add("Expire");
            return 0;
        }

        public string? Revoke(IReadOnlyCollection<GrantKey> keys, Moment now) => null;

        public bool TearDown()
        {
            Calls.Add("TearDown");
            return true;
        }

        public bool Abandon()
        {
            Calls.Add("Abandon");
            return true;
        }

        public void GiveWay(IFirewall successor) => Calls.Add("GiveWay");

        public bool Flush() => false;

        public void List(TextWriter output, bool all) => Calls.Add("List");

        public void Dispose()
        {
        }
    }
}
