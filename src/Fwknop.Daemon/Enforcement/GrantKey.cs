using System.Net;
using System.Net.Sockets;
using Fwknop.Configuration;

namespace Fwknop.Daemon.Enforcement;

/// <summary>What makes two grants the same one: who, where to, which ports.</summary>
internal sealed record GrantKey(IPNetwork Source, IPAddress? Destination, PortRange Ports)
{
    public bool IsIPv6 => Source.BaseAddress.AddressFamily == AddressFamily.InterNetworkV6;

    /// <summary>The source as the log and the rules name it.</summary>
    public string SourceText => NetworkText.Of(Source);

    /// <summary>The destination as the log and the rules name it: everywhere is <c>0.0.0.0/0</c> or <c>::/0</c>.</summary>
    public string DestinationText => DestinationTextOf(Destination, IsIPv6);

    public static string DestinationTextOf(IPAddress? destination, bool isIPv6) => destination?.ToString() ?? (isIPv6 ? "::/0" : "0.0.0.0/0");
}
