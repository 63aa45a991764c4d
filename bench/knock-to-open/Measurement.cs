using System.Globalization;
using System.Net;

using Fwknop.Protocol;
using Fwknop.TestSupport;

namespace Fwknop.Benchmarks;

/// <summary>
/// One daemon in a network of its own. Every knock asks for another client address, so that no grant has to run out in between, and
/// begins at another moment of the daemon's own rhythm.
/// </summary>
internal static class Measurement
{
    public const string GuardedPort = "tcp/22";

    private const int Port = 22;
    private const int WarmUps = 3;

    // Documentation says 198.18.0.0/15 is for benchmarks (RFC 2544).
    private static readonly IPAddress ServerAddress = new([198, 18, 0, 1]);

    public static Distribution Run(Candidate candidate, int knocks)
    {
        using TestNetwork network = TestNetwork.Create();
        using TcpService service = TcpService.Start(network.Server, Port);
        int count = knocks + WarmUps;
        AddAddresses(network, count);
        if (candidate.NeedsDroppingFirewall)
        {
            DropEverythingElse(network.Server);
        }

        using EncryptionKey key = EncryptionKey.Generate();
        using HmacKey hmacKey = HmacKey.Generate();
        using SpaDaemon daemon = SpaDaemon.Start(
            candidate.Program, network.Server, new DaemonSetup(Access(key, hmacKey), candidate.Configuration, candidate.Arguments));
        using PacketKeys keys = new(key, hmacKey);
        Knock[] prepared = [.. Enumerable.Range(0, count).Select(index => Prepare(keys, index))];
        List<TimeSpan> times = network.Client.Inside(() => KnockOneAfterTheOther(prepared));
        if (daemon.Stop() != 0)
        {
            throw new InvalidOperationException($"The daemon did not end well: {daemon.Process.Describe()}");
        }

        return new Distribution(times.Skip(WarmUps));
    }

    private static List<TimeSpan> KnockOneAfterTheOther(Knock[] knocks)
    {
        // Always the same moments, so that runs can be compared.
        var random = new Random(62201);
        List<TimeSpan> times = [];
        foreach (Knock knock in knocks)
        {
            Thread.Sleep(random.Next(20, 140));
            times.Add(knock.Send());
        }

        return times;
    }

    private static Knock Prepare(PacketKeys keys, int index)
    {
        IPAddress client = ClientAddress(index);
        var message = SpaMessage.Access("bench", DateTimeOffset.UtcNow, client, PortSpec.Tcp(Port));
        return new Knock(SpaPacket.Seal(message, keys, DigestType.Sha256).Bytes.ToArray(), client, ServerAddress, Port);
    }

    /// <summary>With fixed neighbour entries: address resolution is not what is measured.</summary>
    private static void AddAddresses(TestNetwork network, int count)
    {
        string hardwareAddress = network.Client.RunChecked("cat", $"/sys/class/net/{TestNetwork.Interface}/address").Output;
        IEnumerable<string> clients = Enumerable.Range(0, count).Select(index => ClientAddress(index).ToString());
        Batch(network.Server, [$"address add {ServerAddress}/16 dev {TestNetwork.Interface}",
            .. clients.Select(client => $"neighbour replace {client} lladdr {hardwareAddress} dev {TestNetwork.Interface}")]);
        Batch(network.Client, clients.Select(client => $"address add {client}/16 dev {TestNetwork.Interface}"));
    }

    private static void Batch(NetworkNamespace space, IEnumerable<string> lines) => ProcessRun.RunChecked(
        new ProcessCommand("ip", "-batch", "-") { Namespace = space, Input = string.Join('\n', lines) + "\n" });

    private static void DropEverythingElse(NetworkNamespace server)
    {
        server.RunChecked("iptables", "-P", "INPUT", "DROP");
        server.RunChecked("iptables", "-A", "INPUT", "-m", "conntrack", "--ctstate", "ESTABLISHED,RELATED", "-j", "ACCEPT");
        server.RunChecked("iptables", "-A", "INPUT", "-p", "udp", "--dport", "62201", "-j", "ACCEPT");
    }

    private static IPAddress ClientAddress(int index) => new([198, 18, (byte)(1 + (index / 200)), (byte)(1 + (index % 200))]);

    private static string Access(EncryptionKey key, HmacKey hmacKey) => string.Create(CultureInfo.InvariantCulture, $"""
        SOURCE ANY
        REQUIRE_SOURCE_ADDRESS Y
        FW_ACCESS_TIMEOUT 300
        KEY_BASE64 {Base64(key)}
        HMAC_KEY_BASE64 {Base64(hmacKey)}

        """);

    private static string Base64(SpaKey key)
    {
        Span<byte> bytes = stackalloc byte[key.Length];
        key.CopyTo(bytes);
        return Convert.ToBase64String(bytes);
    }
}
