using System.Net;
using System.Net.Sockets;
using Fwknop.Configuration;
using Fwknop.Grants;

namespace Fwknop.Daemon.Enforcement;

/// <summary>What makes two grants the same one: who, where to, which ports, and where they lead.</summary>
internal sealed record GrantKey(IPNetwork Source, IPAddress? Destination, PortRange Ports, Translation? Translation = null)
{
    public bool IsIPv6 => Source.BaseAddress.AddressFamily == AddressFamily.InterNetworkV6;

    /// <summary>True when what connections are led to, and get as their source, is of the address family of who may connect.</summary>
    public bool TranslatesWithinFamily => IsOfFamily(Translation?.Address) && IsOfFamily(Translation?.Source?.Address);

    /// <summary>True when the destination is, too.</summary>
    public bool IsOfOneFamily => IsOfFamily(Destination) && TranslatesWithinFamily;

    /// <summary>The source as the log and the rules name it.</summary>
    public string SourceText => NetworkText.Of(Source);

    /// <summary>The destination as the log and the rules name it: everywhere is <c>0.0.0.0/0</c> or <c>::/0</c>.</summary>
    public string DestinationText => DestinationTextOf(Destination, IsIPv6);

    public static string DestinationTextOf(IPAddress? destination, bool isIPv6) => destination?.ToString() ?? (isIPv6 ? "::/0" : "0.0.0.0/0");

    /// <summary>What a log line about its rule is about.</summary>
    /// <param name="kind">Added, extended, closed.</param>
    /// <param name="chain">The chain that the rule is in.</param>
    /// <param name="epoch">Its end (<see cref="GrantEnd.Epoch"/>).</param>
    public LogEvent About(LogEventKind kind, string chain, long epoch) => new LogEvent(kind)
        .With(LogField.Allow, SourceText)
        .With(LogField.Destination, Destination)
        .With(LogField.Ports, [Ports])
        .With(LogField.Chain, chain)
        .With(LogField.Expires, LogField.TimeText(epoch));

    private bool IsOfFamily(IPAddress? address) => address is null || address.AddressFamily == Source.BaseAddress.AddressFamily;
}
