using System.Net;
using Fwknop.Daemon.Enforcement;
using Fwknop.Protocol;

namespace Fwknop.Daemon.Tests.Enforcement;

/// <summary>Grants from text, for rows of test data.</summary>
internal static class Grants
{
    public static FirewallGrant Of(string source, string ports, double seconds, string? destination = null) => new(
        IPAddress.Parse(source),
        destination is null ? null : IPAddress.Parse(destination),
        [.. ports.Split(',').Select(Port)],
        TimeSpan.FromSeconds(seconds));

    public static GrantKey Key(string source, string port, string? destination = null) =>
        new(IPAddress.Parse(source), destination is null ? null : IPAddress.Parse(destination), Port(port));

    public static PortSpec Port(string text) =>
        PortSpec.TryParse(System.Text.Encoding.ASCII.GetBytes(text), out PortSpec port) ? port : throw new FormatException(text);
}
