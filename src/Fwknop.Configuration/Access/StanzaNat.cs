using System.Net;
using System.Net.Sockets;
using Fwknop.Protocol;

namespace Fwknop.Configuration.Access;

/// <summary>What a stanza says about forwarding (server.md 4.2).</summary>
public sealed record StanzaNat
{
    /// <summary>Nothing: packets of the stanza may ask for it all the same.</summary>
    public static StanzaNat None { get; } = new();

    /// <summary>FORCE_NAT.</summary>
    public IReadOnlyList<ForcedTarget> Targets { get; init; } = [];

    /// <summary>NAT_TARGETS: where packets may ask to be forwarded to; null = anywhere. FORCE_NAT is not limited by it.</summary>
    public NatTargetList? AllowedTargets { get; init; }

    /// <summary>FORCE_SNAT: what source addresses become; at most one of each family.</summary>
    public IReadOnlyList<IPAddress> SourceAddresses { get; init; } = [];

    /// <summary>FORCE_MASQUERADE: the source address becomes that of the interface.</summary>
    public bool Masquerades { get; init; }

    /// <summary>FORWARD_ALL: grants are for all protocols and ports.</summary>
    public bool ForwardsAll { get; init; }

    /// <summary>DISABLE_DNAT: destinations stay as they are.</summary>
    public bool KeepsDestination { get; init; }

    /// <summary>
    /// True when every grant of the stanza is forwarded: by FORCE_NAT, or by FORWARD_ALL with another source address (server.md 4.4 step 4). Without them only
    /// those that ask for it are.
    /// </summary>
    public bool IsForced => Targets.Count > 0 || (ForwardsAll && TranslatesSource);

    /// <summary>True when the stanza says that grants get another source address.</summary>
    public bool TranslatesSource => SourceAddresses.Count > 0 || Masquerades;

    /// <summary>
    /// Where a requested port is forwarded to; null where FORCE_NAT does not say. Where it has no line of the family for the port, but one of the other, it is
    /// that one: to a host that cannot be reached, and not to this one.
    /// </summary>
    /// <param name="requested">The port.</param>
    /// <param name="family">Of who may connect.</param>
    public ForcedTarget? TargetOf(PortSpec requested, AddressFamily family) => Targets
        .Where(target => target.IsFor(requested))
        .OrderByDescending(target => target.Address.AddressFamily == family)
        .ThenByDescending(target => target.Rank)
        .FirstOrDefault();

    /// <summary>The source address of FORCE_SNAT for a family; null = the stanza does not say.</summary>
    public IPAddress? SourceAddress(AddressFamily family) => SourceAddresses.FirstOrDefault(address => address.AddressFamily == family);
}
