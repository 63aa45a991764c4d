using Fwknop.Protocol;

namespace Fwknop.Grants;

/// <summary>What a packet says about forwarding.</summary>
/// <param name="Kind">Where to.</param>
/// <param name="Target"><c>host,port</c> (protocol.md 3.6); the host is whatever the client has written.</param>
public sealed record NatRequest(NatKind Kind, FieldText Target);
