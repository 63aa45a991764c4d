using System.Net;
using System.Net.Sockets;

namespace Fwknop.TestSupport;

/// <summary>
/// A gateway between clients outside (<see cref="Outside"/>, whose server is the gateway) and two hosts inside. Everybody knows the way to everybody, so
/// that the gateway's firewall alone decides who reaches whom.
/// </summary>
public sealed class GatewayNetwork : IDisposable
{
    /// <summary>The gateway's interface to the hosts inside; to the clients it is <see cref="TestNetwork.Interface"/>.</summary>
    public const string InsideInterface = "inside";

    private static readonly TimeSpan Wait = TimeSpan.FromSeconds(10);

    private GatewayNetwork()
    {
        Gateway.SetNetworkOption("ipv4/ip_forward", 1);
        Gateway.SetNetworkOption("ipv6/conf/all/forwarding", 1);
        NetworkNamespace.Ip("-n", Gateway.Name, "link", "add", InsideInterface, "up", "type", "bridge", "forward_delay", "0", "stp_state", "0", "mcast_snooping", "0");
        AddAddresses(Gateway, InsideInterface, 1);
        Inner = Join("inner", 2);
        OtherInner = Join("otherinner", 3);
        foreach (NetworkNamespace client in new[] { Outside.Client, Outside.OtherClient })
        {
            NetworkNamespace.Ip("-n", client.Name, "route", "add", "default", "via", $"{Outside.ServerAddress}");
            NetworkNamespace.Ip("-n", client.Name, "-6", "route", "add", "default", "via", $"{Outside.ServerAddress6}");
        }
    }

    public TestNetwork Outside { get; } = TestNetwork.Create();

    public NetworkNamespace Gateway => Outside.Server;

    /// <summary>A host inside.</summary>
    public NetworkNamespace Inner { get; }

    /// <summary>Another host inside.</summary>
    public NetworkNamespace OtherInner { get; }

    public static GatewayNetwork Create() => new();

    /// <summary>The gateway's address outside.</summary>
    public IPAddress GatewayAddress(bool ipv6) => ipv6 ? Outside.ServerAddress6 : Outside.ServerAddress;

    /// <summary>The gateway's address inside.</summary>
    public static IPAddress InsideAddress(bool ipv6) => Address(1, ipv6);

    public IPAddress ClientAddress(bool ipv6) => ipv6 ? Outside.ClientAddress6 : Outside.ClientAddress;

    public IPAddress OtherClientAddress(bool ipv6) => ipv6 ? Outside.OtherClientAddress6 : Outside.OtherClientAddress;

    public static IPAddress InnerAddress(bool ipv6) => Address(2, ipv6);

    public static IPAddress OtherInnerAddress(bool ipv6) => Address(3, ipv6);

    /// <summary>Gives the gateway another address, outside or inside, which it does not use by itself.</summary>
    public IPAddress AddGatewayAddress(bool inside, bool ipv6)
    {
        const byte Host = 9;
        IPAddress address = inside ? Address(Host, ipv6) : ipv6 ? IPAddress.Parse($"fd77::{Host}") : new IPAddress([10, 77, 0, Host]);
        NetworkNamespace.Ip(
            "-n", Gateway.Name, "address", "add", $"{address}/{(ipv6 ? 64 : 24)}", "dev", inside ? InsideInterface : TestNetwork.Interface,
            "preferred_lft", "0");
        return address;
    }

    /// <summary>
    /// Connects, and says by which address the service sees the one who connects: proof that the connection has come to this host and this port. Null when
    /// it does not come in time, which is far longer than an open way needs.
    /// </summary>
    /// <param name="from">Who connects.</param>
    /// <param name="address">What is connected to.</param>
    /// <param name="port">Its port.</param>
    /// <param name="at">Where the service is.</param>
    /// <param name="service">Its port.</param>
    public static IPAddress? SourceSeen(NetworkNamespace from, IPAddress address, int port, NetworkNamespace at, int service)
    {
        using Socket listener = at.Inside(() => ListeningSocket.Open(address.AddressFamily == AddressFamily.InterNetworkV6 ? IPAddress.IPv6Any : IPAddress.Any, service));
        using Socket client = from.Inside(() => new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp) { Blocking = false });
        try
        {
            client.Connect(new IPEndPoint(address, port));
        }
        catch (SocketException exception) when (exception.SocketErrorCode is SocketError.WouldBlock or SocketError.InProgress)
        {
            // Made below, if ever.
        }

        if (!listener.Poll(Wait, SelectMode.SelectRead))
        {
            return null;
        }

        using Socket accepted = listener.Accept();
        return client.Poll(Wait, SelectMode.SelectWrite) ? ((IPEndPoint)accepted.RemoteEndPoint!).Address : null;
    }

    /// <summary>True when an attempt gets no answer at all.</summary>
    public static bool IsShut(NetworkNamespace from, IPAddress address, int port) => ConnectProbe.Try(from, address, port) == ProbeResult.NoAnswer;

    public void Dispose()
    {
        Inner.Dispose();
        OtherInner.Dispose();
        Outside.Dispose();
    }

    private static IPAddress Address(byte host, bool ipv6) => ipv6 ? IPAddress.Parse($"fd78::{host}") : new IPAddress([10, 78, 0, host]);

    private static void AddAddresses(NetworkNamespace space, string device, byte host)
    {
        NetworkNamespace.Ip("-n", space.Name, "address", "add", $"{Address(host, ipv6: false)}/24", "dev", device);
        NetworkNamespace.Ip("-n", space.Name, "address", "add", $"{Address(host, ipv6: true)}/64", "dev", device, "nodad");
    }

    private NetworkNamespace Join(string role, byte host)
    {
        NetworkNamespace node = NetworkNamespace.Create(role);
        NetworkNamespace.Ip("-n", Gateway.Name, "link", "add", $"port{host}", "type", "veth", "peer", "name", TestNetwork.Interface, "netns", node.Name);
        NetworkNamespace.Ip("-n", Gateway.Name, "link", "set", $"port{host}", "master", InsideInterface, "up");
        AddAddresses(node, TestNetwork.Interface, host);
        NetworkNamespace.Ip("-n", node.Name, "link", "set", TestNetwork.Interface, "up");
        NetworkNamespace.Ip("-n", node.Name, "route", "add", "default", "via", $"{InsideAddress(ipv6: false)}");
        NetworkNamespace.Ip("-n", node.Name, "-6", "route", "add", "default", "via", $"{InsideAddress(ipv6: true)}");
        return node;
    }
}
