namespace Fwknop.Client;

/// <summary>Where a packet goes.</summary>
/// <param name="Host">Name or address of the server; IPv6 addresses with or without brackets.</param>
/// <param name="Port">Destination port.</param>
/// <param name="SourcePort">Source port; 0 lets the operating system choose.</param>
/// <param name="PreferIPv6">Which family to take for a name that has both: that of the address to allow.</param>
internal sealed record PacketRoute(string Host, int Port, int SourcePort, bool PreferIPv6);
