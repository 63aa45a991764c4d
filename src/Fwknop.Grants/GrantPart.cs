using Fwknop.Configuration;

namespace Fwknop.Grants;

/// <summary>Ports of a grant that lead to the same place.</summary>
/// <param name="Ports">At least one; those that clients connect to.</param>
/// <param name="Route">Where connections are forwarded to; null where they stay.</param>
public sealed record GrantPart(IReadOnlyList<PortRange> Ports, NatRoute? Route);
