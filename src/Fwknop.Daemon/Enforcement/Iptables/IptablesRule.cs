using System.Net;
using Fwknop.Configuration;

namespace Fwknop.Daemon.Enforcement.Iptables;

/// <summary>What a rule of ours does, however it is written, and without its time: equal rules do the same in the same chain.</summary>
/// <param name="Chain">Where it is.</param>
/// <param name="Target"><c>ACCEPT</c>.</param>
internal sealed record IptablesRule(OwnChain Chain, string Target)
{
    /// <summary>Null for everybody.</summary>
    public IPNetwork? Source { get; init; }

    /// <summary>Null for everywhere.</summary>
    public IPNetwork? Destination { get; init; }

    /// <summary>Null for all ports of all protocols.</summary>
    public PortRange? Ports { get; init; }

    /// <summary>True when <see cref="Ports"/> are those of the source.</summary>
    public bool IsForSourcePorts { get; init; }

    /// <summary>The address that the target writes into packets, or null.</summary>
    public IPAddress? NewAddress { get; init; }

    /// <summary>The port that it writes, or 0.</summary>
    public ushort NewPort { get; init; }
}
