using System.Net;
using Fwknop.Configuration;
using Fwknop.Configuration.Access;
using Fwknop.Daemon.Enforcement;
using Fwknop.Protocol;

namespace Fwknop.Daemon.Tests.Enforcement;

/// <summary>Grants from text, for rows of test data.</summary>
internal static class Grants
{
    public static FirewallGrant Of(string source, string ports, double seconds, string? destination = null) => new(
        Network(source),
        destination is null ? null : IPAddress.Parse(destination),
        [.. ports.Split(',').Select(Range)],
        TimeSpan.FromSeconds(seconds));

    public static GrantKey Key(string source, string ports, string? destination = null) =>
        new(Network(source), destination is null ? null : IPAddress.Parse(destination), Range(ports));

    /// <summary>An address, or a network.</summary>
    public static IPNetwork Network(string text) => text.Contains('/', StringComparison.Ordinal) ? IPNetwork.Parse(text) : Host(IPAddress.Parse(text));

    public static IPNetwork Host(IPAddress address) => GrantPrefix.Host.NetworkOf(address);

    public static PortSpec Port(string text) =>
        PortSpec.TryParse(System.Text.Encoding.ASCII.GetBytes(text), out PortSpec port) ? port : throw new FormatException(text);

    /// <summary><c>tcp/22</c> or <c>tcp/8000-8010</c>.</summary>
    public static PortRange Range(string text) =>
        PortList.TryParse(text, out PortList? list, out _) ? list.Ranges.Single() : throw new FormatException(text);
}
