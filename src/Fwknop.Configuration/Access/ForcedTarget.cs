using System.Net;
using Fwknop.Protocol;

namespace Fwknop.Configuration.Access;

/// <summary>FORCE_NAT: where the connections of a stanza's grants are forwarded to, whatever packets say.</summary>
/// <param name="Address">The host behind this one.</param>
/// <param name="Port">Its port, 1 to 65535.</param>
/// <param name="Protocol">The protocol of the requested ports that it is for; null = both.</param>
/// <param name="RequestedPort">The requested port that it is for; null = every one that no other target is for.</param>
public sealed record ForcedTarget(IPAddress Address, ushort Port, TransportProtocol? Protocol = null, ushort? RequestedPort = null)
{
    /// <summary>True when it is for the requested port.</summary>
    public bool IsFor(PortSpec requested) =>
        (Protocol is null || Protocol == requested.Protocol) && (RequestedPort is null || RequestedPort == requested.Port);

    /// <summary>True when it is for one of the requested ports.</summary>
    public bool IsForSomeOf(PortRange requested)
    {
        ArgumentNullException.ThrowIfNull(requested);
        return (Protocol is null || Protocol == requested.Protocol)
            && (RequestedPort is not { } port || (port >= requested.First && port <= requested.Last));
    }

    /// <summary>The ports that it is for as they are written: <c>tcp</c>, <c>tcp/2222</c>; null = all.</summary>
    public string? Requested => (Protocol, RequestedPort) switch
    {
        (null, _) => null,
        ({ } protocol, null) => PortSpec.NameOf(protocol),
        ({ } protocol, { } port) => new PortSpec(protocol, port).ToString(),
    };

    /// <summary>How much it says about the ports that it is for; of several targets the one that says most counts.</summary>
    public int Rank => RequestedPort is not null ? 2 : Protocol is not null ? 1 : 0;
}
