using Fwknop.Grants;
using Fwknop.Protocol;

namespace Fwknop.Listener.Authentication;

/// <summary>
/// The packets that were authenticated before. Anybody may ask it; only an authenticated packet changes it, so no stranger can fill it.
/// </summary>
internal sealed class ReplayMemory
{
    private readonly Dictionary<ReplayDigest, SeenPacket> _seen;

    public ReplayMemory(IReadOnlyCollection<SeenPacket> seen)
    {
        _seen = new Dictionary<ReplayDigest, SeenPacket>(seen.Count);
        foreach (SeenPacket packet in seen)
        {
            _seen[packet.Digest] = packet;
        }
    }

    /// <summary>
    /// Whether a packet of this text was seen. The text alone is enough: only its canonical spelling can be authenticated
    /// (<see cref="SpaPacket.TryOpen"/>), so no other spelling of a seen packet gets further than this.
    /// </summary>
    public bool Knows(ReadOnlySpan<byte> text, out SeenPacket packet) => _seen.TryGetValue(ReplayDigest.Of(text), out packet);

    /// <summary>Whether something of this digest was seen.</summary>
    public bool Knows(ReplayDigest digest, out SeenPacket packet) => _seen.TryGetValue(digest, out packet);

    /// <summary>Remembers an authenticated packet. False if it was there.</summary>
    public bool TryAdd(SeenPacket packet) => _seen.TryAdd(packet.Digest, packet);
}
