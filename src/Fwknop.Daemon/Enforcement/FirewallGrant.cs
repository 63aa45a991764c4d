using System.Net;
using System.Net.Sockets;
using Fwknop.Protocol;

namespace Fwknop.Daemon.Enforcement;

/// <summary>What one packet is granted: these ports, for this address, for this long.</summary>
internal sealed class FirewallGrant
{
    /// <summary>Makes a grant.</summary>
    /// <param name="source">Who may connect: one host, IPv4 or IPv6. An IPv4-mapped address counts as IPv4.</param>
    /// <param name="destination">Where to: the packet's destination with ENABLE_DESTINATION_RULE, otherwise null.</param>
    /// <param name="ports">At least one.</param>
    /// <param name="duration">More than nothing.</param>
    /// <exception cref="ArgumentException">A value that would open to everybody, or nothing.</exception>
    public FirewallGrant(IPAddress source, IPAddress? destination, IReadOnlyList<PortSpec> ports, TimeSpan duration)
    {
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(duration, TimeSpan.Zero);
        if (ports.Count == 0 || ports.Contains(default))
        {
            throw new ArgumentException("A grant names at least one port.", nameof(ports));
        }

        Source = HostAddress(source, nameof(source));
        Destination = destination is null ? null : HostAddress(destination, nameof(destination));
        Ports = [.. ports];
        Duration = duration;
    }

    public IPAddress Source { get; }

    public bool IsIPv6 => Source.AddressFamily == AddressFamily.InterNetworkV6;

    public IPAddress? Destination { get; }

    public IReadOnlyList<PortSpec> Ports { get; }

    public TimeSpan Duration { get; }

    /// <summary>Who is granted it, for lists.</summary>
    public GrantHolder? Holder { get; init; }

    /// <summary>
    /// The address as the bytes alone: a scope id would be printed as <c>%eth0</c> into command text, and "any" in a
    /// rule means everybody.
    /// </summary>
    private static IPAddress HostAddress(IPAddress address, string parameter)
    {
        IPAddress plain = address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : new IPAddress(address.GetAddressBytes());
        return plain.Equals(IPAddress.Any) || plain.Equals(IPAddress.IPv6Any)
            ? throw new ArgumentException("A grant names one host.", parameter)
            : plain;
    }
}
