using Fwknop.Grants;
using Fwknop.Listener.Capture;

namespace Fwknop.Listener.Authentication;

/// <summary>
/// One packet may pass several sources of the listener: two interfaces of a bridge, or capture and the TCP server. The second sight of it is no replay. It is
/// told from one by source address and port, by a short time, and by each source having its one sight; nothing is ever granted for it.
/// </summary>
internal sealed class Sightings
{
    /// <summary>Seconds: longer than a TCP connection may last (our choice).</summary>
    private const long Window = 10;

    private const int Remembered = 64;

    private readonly Sighting[] _ring = new Sighting[Remembered];
    private int _next;

    /// <summary>Remembers a packet that was authenticated now.</summary>
    public void Add(in Datagram datagram, SeenPacket packet)
    {
        _ring[_next] = new Sighting(packet, PointOf(datagram));
        _next = (_next + 1) % Remembered;
    }

    /// <summary>True when a packet that is known is the same as one that another source has just given.</summary>
    public bool IsSecondSight(in Datagram datagram, SeenPacket known, DateTimeOffset now)
    {
        for (int i = 0; i < Remembered; i++)
        {
            ref Sighting sighting = ref _ring[i];
            bool isSame = sighting.Points != 0
                && sighting.Packet.Digest == known.Digest
                && sighting.Packet.Origin.Protocol == (byte)datagram.Protocol
                && sighting.Packet.Origin.Source == datagram.SourceBits
                && sighting.Packet.Origin.SourcePort == datagram.SourcePort
                && Math.Abs(now.ToUnixTimeSeconds() - sighting.Packet.ReceivedAt) <= Window
                && (sighting.Points & PointOf(datagram)) == 0;
            if (isSame)
            {
                sighting = sighting with { Points = sighting.Points | PointOf(datagram) };
                return true;
            }
        }

        return false;
    }

    private static ulong PointOf(in Datagram datagram) => 1UL << (datagram.Point % 64);

    private readonly record struct Sighting(SeenPacket Packet, ulong Points);
}
