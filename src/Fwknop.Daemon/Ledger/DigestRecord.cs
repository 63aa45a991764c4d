using System.Buffers;
using System.Buffers.Text;
using System.Globalization;
using System.Net;
using System.Text;
using Fwknop.Grants;
using Fwknop.Protocol;

namespace Fwknop.Daemon.Ledger;

/// <summary>One line of <c>digest.cache</c> (server.md 7.1): <c>digest proto src_ip src_port dst_ip dst_port time</c>.</summary>
internal static class DigestRecord
{
    private const int Fields = 7;

    // The reference takes any blanks and ignores what follows the last field: a record it heeds must not be lost here.
    private static readonly SearchValues<byte> Blanks = SearchValues.Create(" \t\r\v\f"u8);

    /// <summary>The first line of a new file.</summary>
    public static ReadOnlySpan<byte> Header => "# <digest> <proto> <src_ip> <src_port> <dst_ip> <dst_port> <time>\n"u8;

    /// <summary>True for lines that hold no record.</summary>
    public static bool IsComment(ReadOnlySpan<byte> line) => line.IsEmpty || line[0] is (byte)'#' or (byte)';' or (byte)'\r';

    /// <summary>Reads a line without its end.</summary>
    public static bool TryParse(ReadOnlySpan<byte> line, out SeenPacket packet)
    {
        packet = default;
        Span<Range> ranges = stackalloc Range[Fields];
        if (Split(line, ranges) != Fields
            || !ReplayDigest.TryParse(line[ranges[0]], out ReplayDigest digest)
            || !TryNumber(line[ranges[1]], byte.MaxValue, out long protocol)
            || !IPAddress.TryParse(line[ranges[2]], out IPAddress? source)
            || !TryNumber(line[ranges[3]], ushort.MaxValue, out long sourcePort)
            || !IPAddress.TryParse(line[ranges[4]], out IPAddress? destination)
            || !TryNumber(line[ranges[5]], ushort.MaxValue, out long destinationPort)
            || !TryNumber(line[ranges[6]], DateTimeOffset.MaxValue.ToUnixTimeSeconds(), out long receivedAt))
        {
            return false;
        }

        PacketOrigin origin = new(
            (byte)protocol, PackedAddress.From(source), (ushort)sourcePort, PackedAddress.From(destination), (ushort)destinationPort);
        packet = new SeenPacket(digest, origin, receivedAt);
        return true;
    }

    /// <summary>Writes a line with its end.</summary>
    public static void Append(SeenPacket packet, IBufferWriter<byte> output)
    {
        PacketOrigin origin = packet.Origin;
        string line = string.Create(
            CultureInfo.InvariantCulture,
            $"{packet.Digest} {origin.Protocol} {origin.Source} {origin.SourcePort} {origin.Destination} {origin.DestinationPort} {packet.ReceivedAt}\n");
        Encoding.ASCII.GetBytes(line, output);
    }

    private static int Split(ReadOnlySpan<byte> line, Span<Range> ranges)
    {
        int count = 0;
        foreach (Range range in line.SplitAny(Blanks))
        {
            if (!line[range].IsEmpty && count < ranges.Length)
            {
                ranges[count++] = range;
            }
        }

        return count;
    }

    private static bool TryNumber(ReadOnlySpan<byte> text, long max, out long value) =>
        Utf8Parser.TryParse(text, out value, out int used) && used == text.Length && value >= 0 && value <= max;
}
