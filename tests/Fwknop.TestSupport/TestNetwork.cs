using System.Net;

namespace Fwknop.TestSupport;

/// <summary>
/// A server, a client and another client on one Ethernet (a bridge in a fourth namespace), each with an IPv4 and an IPv6 address
/// on the interface <see cref="Interface"/>.
/// </summary>
public sealed class TestNetwork : IDisposable
{
    public const string Interface = "eth0";

    private readonly NetworkNamespace _switch;

    private TestNetwork()
    {
        _switch = NetworkNamespace.Create("switch");
        NetworkNamespace.Ip(
            "-n", _switch.Name, "link", "add", "br0", "up", "type", "bridge", "forward_delay", "0", "stp_state", "0", "mcast_snooping", "0");
        Server = Join("server", 1);
        Client = Join("client", 2);
        OtherClient = Join("other", 3);
    }

    public NetworkNamespace Server { get; }

    public NetworkNamespace Client { get; }

    public NetworkNamespace OtherClient { get; }

    public IPAddress ServerAddress { get; } = Address4(1);

    public IPAddress ClientAddress { get; } = Address4(2);

    public IPAddress OtherClientAddress { get; } = Address4(3);

    public IPAddress ServerAddress6 { get; } = Address6(1);

    public IPAddress ClientAddress6 { get; } = Address6(2);

    public IPAddress OtherClientAddress6 { get; } = Address6(3);

    public static TestNetwork Create() => new();

    public void Dispose()
    {
        Server.Dispose();
        Client.Dispose();
        OtherClient.Dispose();
        _switch.Dispose();
    }

    private static IPAddress Address4(byte host) => new([10, 77, 0, host]);

    private static IPAddress Address6(byte host) => IPAddress.Parse($"fd77::{host}");

    private NetworkNamespace Join(string role, byte host)
    {
        NetworkNamespace node = NetworkNamespace.Create(role);
        NetworkNamespace.Ip(
            "-n", _switch.Name, "link", "add", $"port{host}", "type", "veth", "peer", "name", Interface, "netns", node.Name);
        NetworkNamespace.Ip("-n", _switch.Name, "link", "set", $"port{host}", "master", "br0", "up");
        NetworkNamespace.Ip("-n", node.Name, "address", "add", $"{Address4(host)}/24", "dev", Interface);
        NetworkNamespace.Ip("-n", node.Name, "address", "add", $"{Address6(host)}/64", "dev", Interface, "nodad");
        NetworkNamespace.Ip("-n", node.Name, "link", "set", Interface, "up");
        return node;
    }
}
