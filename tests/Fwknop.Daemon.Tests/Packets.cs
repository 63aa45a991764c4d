using System.Net;
using Fwknop.Grants;
using Fwknop.Protocol;

namespace Fwknop.Daemon.Tests;

/// <summary>What a listener reports, for tests of those who receive it.</summary>
internal static class Packets
{
    /// <summary>A packet with a digest of its own for every seed.</summary>
    public static SeenPacket Seen(int seed, string source = "10.0.0.1", string destination = "10.0.0.9")
    {
        byte[] digest = new byte[ReplayDigest.Size];
        BitConverter.TryWriteBytes(digest, seed);
        PacketOrigin origin = new(
            17, PackedAddress.From(IPAddress.Parse(source)), 40000, PackedAddress.From(IPAddress.Parse(destination)), 62201);
        return new SeenPacket(new ReplayDigest(digest), origin, 1_800_000_000 + seed);
    }

    public static GrantRequest Request(int seed, string allow = "192.0.2.7", int port = 22) =>
        new(1, Seen(seed), IPAddress.Parse(allow), [PortSpec.Tcp(port)], 0, "alice");
}
