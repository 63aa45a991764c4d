using System.Net;
using System.Net.Sockets;
using Fwknop.Configuration;
using Fwknop.Configuration.Access;
using Fwknop.Grants;

namespace Fwknop.Daemon.Enforcement;

/// <summary>What one packet is granted: these ports, for this address, for this long.</summary>
internal sealed class FirewallGrant
{
    /// <summary>Makes a grant. What the stanza allows has been checked; what would open to everybody is refused here once more.</summary>
    /// <param name="source">Who may connect: one host, or a network that GRANT_PREFIX may name.</param>
    /// <param name="destination">Where to: the packet's destination with ENABLE_DESTINATION_RULE, otherwise null.</param>
    /// <param name="ports">At least one.</param>
    /// <param name="duration">More than nothing.</param>
    /// <param name="translation">Where the connections are forwarded to; null where they stay.</param>
    /// <exception cref="ArgumentException">A value that would open to everybody, or nothing; or several ports that are to lead to one place.</exception>
    public FirewallGrant(IPNetwork source, IPAddress? destination, IReadOnlyList<PortRange> ports, TimeSpan duration, Translation? translation = null)
    {
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(duration, TimeSpan.Zero);
        if (ports.Count == 0 || (translation is { IsForAll: false } && ports.Count > 1))
        {
            throw new ArgumentException("A grant names at least one port, and one alone where it is forwarded.", nameof(ports));
        }

        if (!GrantPrefix.MayBe(source) || (NetworkText.IsHost(source) && AnyAddress.Is(source.BaseAddress)))
        {
            throw new ArgumentException("A grant names one host, or one network.", nameof(source));
        }

        Source = new IPNetwork(Plain(source.BaseAddress), source.PrefixLength);
        Destination = destination is null ? null : HostAddress(destination, nameof(destination));
        Ports = translation?.IsForAll == true ? [PortRange.Everything] : [.. ports];

        // What stays here by whatever address leaves by no interface: a new source would make no rule, and only tell equal grants apart.
        Translation = translation is { Kind: NatKind.Local, Address: null } ? translation with { Source = null } : translation;
        Duration = duration;
    }

    public IPNetwork Source { get; }

    public bool IsIPv6 => Source.BaseAddress.AddressFamily == AddressFamily.InterNetworkV6;

    public IPAddress? Destination { get; }

    public IReadOnlyList<PortRange> Ports { get; }

    public TimeSpan Duration { get; }

    public Translation? Translation { get; }

    /// <summary>The grants that it comes to, one for each range of ports.</summary>
    public IEnumerable<GrantKey> Keys => Ports.Distinct().Select(ports => new GrantKey(Source, Destination, ports, Translation));

    /// <summary>Who is granted it, for lists.</summary>
    public GrantHolder? Holder { get; init; }

    /// <summary>Who, where to and what, as log lines have it.</summary>
    public string Description => $"{NetworkText.Of(Source)} -> {GrantKey.DestinationTextOf(Destination, IsIPv6)} {string.Join(',', Ports)}";

    private static IPAddress HostAddress(IPAddress address, string parameter)
    {
        IPAddress plain = address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : Plain(address);
        return AnyAddress.Is(plain) ? throw new ArgumentException("A grant names one host.", parameter) : plain;
    }

    /// <summary>The address as the bytes alone: a scope id would be printed as <c>%eth0</c> into command text.</summary>
    private static IPAddress Plain(IPAddress address) => new(address.GetAddressBytes());
}
