using System.Net;
using System.Text;
using Fwknop.Configuration.Access;
using Fwknop.Grants;
using Fwknop.Listener.Capture;

namespace Fwknop.Listener.Tests;

/// <summary>What comes in, and the stanzas that it meets. Tests that use it import it as static.</summary>
internal static class Arriving
{
    /// <summary>When all of it happens.</summary>
    public static readonly DateTimeOffset Now = DateTimeOffset.FromUnixTimeSeconds(1_800_000_000);

    /// <summary>A UDP packet to the usual port.</summary>
    public static Datagram Packet(byte[] payload, string source = "10.0.0.1") => new()
    {
        Payload = payload,
        SourceBits = PackedAddress.From(IPAddress.Parse(source)),
        DestinationBits = PackedAddress.From(IPAddress.Parse("10.0.0.254")),
        SourcePort = 40000,
        DestinationPort = 62201,
        Protocol = IpProtocol.Udp,
    };

    /// <summary>An access.conf without errors.</summary>
    public static AccessPolicy Read(string access) =>
        AccessFile.Parse(Encoding.UTF8.GetBytes(access), "access.conf", TimeZoneInfo.Utc) is { Value: { } policy } ? policy
            : throw new InvalidOperationException(access);
}
