using System.Globalization;
using Fwknop.Protocol;

namespace Fwknop.Configuration;

/// <summary>Neighbouring ports of one protocol; at least one.</summary>
public sealed record PortRange
{
    /// <summary>Makes a range.</summary>
    /// <param name="protocol">TCP or UDP.</param>
    /// <param name="first">1 to 65535.</param>
    /// <param name="last">Not below <paramref name="first"/>, at most 65535.</param>
    /// <exception cref="ArgumentOutOfRangeException">A value is out of range.</exception>
    public PortRange(TransportProtocol protocol, int first, int last)
    {
        if (protocol is not (TransportProtocol.Tcp or TransportProtocol.Udp))
        {
            throw new ArgumentOutOfRangeException(nameof(protocol));
        }

        ArgumentOutOfRangeException.ThrowIfLessThan(first, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(last, first);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(last, ushort.MaxValue);
        Protocol = protocol;
        First = first;
        Last = last;
    }

    private PortRange() => Last = ushort.MaxValue;

    /// <summary>Every port of every protocol (FORWARD_ALL); no request and no list names it.</summary>
    public static PortRange Everything { get; } = new();

    /// <summary>One port.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The zero value, which names none.</exception>
    public static PortRange Of(PortSpec port) => new(port.Protocol, port.Port, port.Port);

    /// <summary>TCP or UDP; the zero value for <see cref="Everything"/>.</summary>
    public TransportProtocol Protocol { get; }

    /// <summary>The lowest port, 1 to 65535; 0 for <see cref="Everything"/>.</summary>
    public int First { get; }

    /// <summary>The highest port, not below <see cref="First"/>.</summary>
    public int Last { get; }

    /// <summary>True for one port.</summary>
    public bool IsSingle => First == Last;

    /// <summary>How many ports.</summary>
    public int Count => Last - First + 1;

    /// <summary>True when the port is one of them.</summary>
    public bool Contains(PortSpec port) => (port.Protocol == Protocol || this == Everything) && port.Port >= First && port.Port <= Last;

    /// <summary>What is left without another range: nothing, one or two ranges.</summary>
    public IEnumerable<PortRange> Without(PortRange other)
    {
        ArgumentNullException.ThrowIfNull(other);
        if (other.Protocol != Protocol || other.Last < First || other.First > Last)
        {
            yield return this;
            yield break;
        }

        if (First < other.First)
        {
            yield return new PortRange(Protocol, First, other.First - 1);
        }

        if (Last > other.Last)
        {
            yield return new PortRange(Protocol, other.Last + 1, Last);
        }
    }

    /// <summary><c>tcp/22</c>, <c>tcp/8000-8010</c>, <c>tcp/*</c>, or <c>*/*</c> for <see cref="Everything"/>.</summary>
    public override string ToString()
    {
        if (this == Everything)
        {
            return "*/*";
        }

        string ports = Count == ushort.MaxValue ? "*"
            : IsSingle ? First.ToString(CultureInfo.InvariantCulture)
            : string.Create(CultureInfo.InvariantCulture, $"{First}-{Last}");
        return $"{PortSpec.NameOf(Protocol)}/{ports}";
    }
}
