using System.Net;
using System.Net.Sockets;

namespace Fwknop.Configuration.Server;

/// <summary>What may be forwarded for whole grants, whatever makes the rules (server.md 3.2, 9.2.3).</summary>
/// <param name="Forwards">To hosts behind this one.</param>
/// <param name="ForwardsLocally">To other ports of this host.</param>
/// <param name="TranslatesSource">What is forwarded gets another source address, also where the stanza does not say so.</param>
/// <param name="SourceAddresses">SNAT_TRANSLATE_IP: at most one of each family.</param>
/// <param name="ResolvesNames">ENABLE_NAT_DNS: packets may name the host.</param>
public sealed record NatSettings(
    bool Forwards, bool ForwardsLocally, bool TranslatesSource, IReadOnlyList<IPAddress> SourceAddresses, bool ResolvesNames)
{
    /// <summary>Nothing is forwarded.</summary>
    public static NatSettings Off { get; } = new(false, false, false, [], ResolvesNames: false);

    /// <summary>All of it is allowed.</summary>
    public static NatSettings All { get; } = new(true, true, true, [], ResolvesNames: true);

    /// <summary>The firewall that is used cannot forward at all (server.md 9.4, 9.5).</summary>
    public static NatSettings Unsupported { get; } = Off with { IsSupported = false };

    /// <summary>False where it is no matter of settings.</summary>
    public bool IsSupported { get; init; } = true;

    /// <summary>True when something may be forwarded.</summary>
    public bool IsOn => Forwards || ForwardsLocally;

    /// <summary>The address that forwarded connections of a family get; null = that of the interface they leave by.</summary>
    public IPAddress? SourceAddress(AddressFamily family) => SourceAddresses.FirstOrDefault(address => address.AddressFamily == family);
}
