using System.Net;
using System.Net.Sockets;
using Fwknop.Grants;
using Fwknop.Protocol;

namespace Fwknop.Daemon.Enforcement;

/// <summary>What makes two grants the same one: who, where to, which port.</summary>
internal sealed record GrantKey(IPAddress Source, IPAddress? Destination, PortSpec Port)
{
    public bool IsIPv6 => Source.AddressFamily == AddressFamily.InterNetworkV6;

    /// <summary>The destination as the log and the rules name it: everywhere is <c>0.0.0.0/0</c> or <c>::/0</c>.</summary>
    public string DestinationText => Destination?.ToString() ?? (IsIPv6 ? "::/0" : "0.0.0.0/0");

    /// <summary>What a log line about its rule is about.</summary>
    /// <param name="kind">Added, extended, closed.</param>
    /// <param name="chain">The chain that the rule is in.</param>
    /// <param name="epoch">Its end (<see cref="GrantEnd.Epoch"/>).</param>
    public LogEvent About(LogEventKind kind, string chain, long epoch) => new LogEvent(kind)
        .With(LogField.Allow, Source)
        .With(LogField.Destination, Destination)
        .With(LogField.Ports, [Port])
        .With(LogField.Chain, chain)
        .With(LogField.Expires, LogField.TimeText(epoch));
}
