using System.Net;
using Fwknop.Grants;

namespace Fwknop.Daemon.Enforcement;

/// <summary>What becomes of the connections of a grant that is forwarded (server.md 9.2.3).</summary>
/// <param name="Kind">To a host behind this one, or to another port of this host.</param>
/// <param name="Address">The host, of the grant's address family; null where the destination stays as it is.</param>
/// <param name="Port">The port there; 0 where it stays as it is.</param>
/// <param name="IsForAll">FORWARD_ALL: for all protocols and ports.</param>
/// <param name="KeepsDestination">DISABLE_DNAT: what is forwarded is addressed to the host already.</param>
/// <param name="Source">What the source address becomes; null where it stays as it is.</param>
internal sealed record Translation(
    NatKind Kind, IPAddress? Address, ushort Port, bool IsForAll = false, bool KeepsDestination = false, SourceTranslation? Source = null)
{
    /// <summary>True when the destination of connections is changed.</summary>
    public bool ChangesDestination => !KeepsDestination && (Port != 0 || Address is not null);

    /// <summary><c>192.168.1.10:22</c>, <c>[2001:db8::1]:22</c>, <c>:2222</c> for another port here, or nothing.</summary>
    public override string ToString() =>
        Address is null ? Port == 0 ? "" : FormattableString.Invariant($":{Port}")
        : Port == 0 || IsForAll ? $"{Address}"
        : new IPEndPoint(Address, Port).ToString();
}
