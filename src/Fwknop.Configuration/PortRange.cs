using System.Globalization;
using Fwknop.Protocol;

namespace Fwknop.Configuration;

/// <summary>Neighbouring ports of one protocol; at least one. Made by <see cref="PortList"/> alone.</summary>
public sealed record PortRange
{
    internal PortRange(TransportProtocol protocol, int first, int last)
    {
        Protocol = protocol;
        First = first;
        Last = last;
    }

    /// <summary>TCP or UDP.</summary>
    public TransportProtocol Protocol { get; }

    /// <summary>The lowest port, 1 to 65535.</summary>
    public int First { get; }

    /// <summary>The highest port, not below <see cref="First"/>.</summary>
    public int Last { get; }

    /// <summary>True for one port.</summary>
    public bool IsSingle => First == Last;

    /// <summary>How many ports.</summary>
    public int Count => Last - First + 1;

    /// <summary>True when the port is one of them.</summary>
    public bool Contains(PortSpec port) => port.Protocol == Protocol && port.Port >= First && port.Port <= Last;

    /// <summary><c>tcp/22</c>, <c>tcp/8000-8010</c> or <c>tcp/*</c>.</summary>
    public override string ToString()
    {
        string ports = Count == ushort.MaxValue ? "*"
            : IsSingle ? First.ToString(CultureInfo.InvariantCulture)
            : string.Create(CultureInfo.InvariantCulture, $"{First}-{Last}");
        return $"{(Protocol == TransportProtocol.Udp ? "udp" : "tcp")}/{ports}";
    }
}
