using Fwknop.Grants;
using Fwknop.Protocol;

namespace Fwknop.Daemon.Enforcement.Nftables;

/// <summary>What the grants of a shape have in common when they are forwarded.</summary>
/// <param name="Kind">To a host behind this one, or to another port of this host.</param>
/// <param name="Turn">What becomes of the destination.</param>
/// <param name="Protocol">TCP or UDP; null for all protocols and ports (FORWARD_ALL).</param>
/// <param name="Source">What the source address becomes; null where it stays.</param>
internal sealed record NftWay(NatKind Kind, NftTurn Turn, TransportProtocol? Protocol, SourceTranslation? Source)
{
    /// <summary>That of a grant; null for one that is not forwarded.</summary>
    public static NftWay? Of(GrantKey key) => key.Translation is { } translation
        ? new NftWay(translation.Kind, TurnOf(translation), translation.IsForAll ? null : key.Ports.Protocol, translation.Source)
        : null;

    /// <summary>What a translation does to the destination.</summary>
    public static NftTurn TurnOf(Translation translation) =>
        !translation.ChangesDestination ? NftTurn.Keep : translation.Address is null ? NftTurn.Redirect : NftTurn.Dnat;
}
