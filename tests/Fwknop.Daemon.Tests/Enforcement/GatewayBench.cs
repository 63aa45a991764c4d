using System.Net;
using Fwknop.Daemon.Enforcement;
using Fwknop.TestSupport;

namespace Fwknop.Daemon.Tests.Enforcement;

/// <summary>A firewall under test on a gateway.</summary>
internal sealed class GatewayBench : IDisposable
{
    private readonly GatewayNetwork _gateway = GatewayNetwork.Create();

    /// <param name="policy">What the administrator of the gateway has set up.</param>
    /// <param name="make">Makes the firewall; <see cref="FirewallBench.Prepare"/> has been called when the bench stands.</param>
    public GatewayBench(Action<NetworkNamespace> policy, Func<IFirewallLog, IFirewall> make)
    {
        policy(Gateway);
        Firewall = new FirewallBench(make, Gateway);
        Firewall.Prepare();
    }

    public TestNetwork Network => _gateway.Outside;

    public NetworkNamespace Gateway => _gateway.Gateway;

    public FirewallBench Firewall { get; }

    public NetworkNamespace Inner => _gateway.Inner;

    public NetworkNamespace OtherInner => _gateway.OtherInner;

    public IPAddress GatewayAddress(bool ipv6) => _gateway.GatewayAddress(ipv6);

    public IPAddress ClientAddress(bool ipv6) => _gateway.ClientAddress(ipv6);

    public IPAddress OtherClientAddress(bool ipv6) => _gateway.OtherClientAddress(ipv6);

    public void Dispose()
    {
        Firewall.Dispose();
        _gateway.Dispose();
    }
}
