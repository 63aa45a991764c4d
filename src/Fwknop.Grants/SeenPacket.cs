using Fwknop.Protocol;

namespace Fwknop.Grants;

/// <summary>An authenticated packet as it is remembered against replays: one record of <c>digest.cache</c> (server.md 7.1).</summary>
/// <param name="Digest">What identifies the packet.</param>
/// <param name="Origin">Where it came from.</param>
/// <param name="ReceivedAt">When, in seconds since 1970 UTC.</param>
public readonly record struct SeenPacket(ReplayDigest Digest, PacketOrigin Origin, long ReceivedAt);
