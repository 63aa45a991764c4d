using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using Fwknop.Protocol;

namespace Fwknop.Grants;

/// <summary>
/// The listener's messages as bytes: every frame has exactly <see cref="Size"/> bytes, unused ones are zero, one write is one frame
/// (less than PIPE_BUF, so never torn).
/// <code>
///   0 kind            1 ready, 2 spent, 3 granted, 4 limit reached, 16 verdict; the rest is for kinds 2 and 3
///   1 digest          32 bytes
///  33 origin          protocol 1, source 16, source port 2, destination 16, destination port 2
///  70 received at     8, seconds since 1970
///  78 stanza          4                    from here on for kind 3
///  82 allow           16
///  98 client timeout  4
/// 102 port count      1, then 32 × (protocol 1, port 2)
/// 199 username length 1, then 48 bytes
/// 248 zero            8
///
///   1 packet          4, for kind 16
///   5 passes          1
/// </code>
/// Integers are big-endian; addresses are <see cref="PackedAddress"/>.
/// </summary>
public static class GrantFrame
{
    /// <summary>Bytes of every frame.</summary>
    public const int Size = 256;

    /// <summary>Bytes of a spent frame that are not always zero.</summary>
    internal const int SpentSize = StanzaAt;

    private const int DigestAt = 1;
    private const int OriginAt = DigestAt + ReplayDigest.Size;
    private const int ReceivedAt = OriginAt + 37;
    private const int StanzaAt = ReceivedAt + 8;
    private const int AllowAt = StanzaAt + 4;
    private const int TimeoutAt = AllowAt + 16;
    private const int PortsAt = TimeoutAt + 4;
    private const int PortSize = 3;
    private const int UsernameAt = PortsAt + 1 + (GrantRequest.MaxPorts * PortSize);
    private const int End = UsernameAt + 1 + Limits.UsernameDecoded;

    private enum Kind : byte
    {
        None = 0,
        Ready = 1,
        Spent = 2,
        Granted = 3,
        LimitReached = 4,
        Verdict = 16,
    }

    /// <summary>Writes one frame.</summary>
    /// <param name="message">The message.</param>
    /// <param name="frame">Exactly <see cref="Size"/> bytes.</param>
    /// <exception cref="ArgumentException">The destination has another size, or the message does not fit a frame.</exception>
    public static void Write(ListenerMessage message, Span<byte> frame)
    {
        if (frame.Length != Size)
        {
            throw new ArgumentException($"A frame has {Size} bytes.", nameof(frame));
        }

        frame.Clear();
        switch (message)
        {
            case ListenerMessage.Ready:
                frame[0] = (byte)Kind.Ready;
                break;
            case ListenerMessage.LimitReached:
                frame[0] = (byte)Kind.LimitReached;
                break;
            case ListenerMessage.Verdict verdict:
                frame[0] = (byte)Kind.Verdict;
                BinaryPrimitives.WriteUInt32BigEndian(frame[1..], verdict.Id);
                frame[5] = verdict.Passes ? (byte)1 : (byte)0;
                break;
            case ListenerMessage.Spent spent:
                frame[0] = (byte)Kind.Spent;
                WritePacket(spent.Packet, frame);
                break;
            case ListenerMessage.Granted granted:
                frame[0] = (byte)Kind.Granted;
                WriteRequest(granted.Request, frame);
                break;
            default:
                throw new ArgumentException("Unknown kind of message.", nameof(message));
        }
    }

    /// <summary>
    /// Reads one frame. Anything but what <see cref="Write"/> makes is refused: the process at the other end is then broken or taken over.
    /// </summary>
    public static bool TryRead(ReadOnlySpan<byte> frame, [NotNullWhen(true)] out ListenerMessage? message)
    {
        message = frame.Length != Size ? null : (Kind)frame[0] switch
        {
            Kind.Ready => new ListenerMessage.Ready(),
            Kind.LimitReached => new ListenerMessage.LimitReached(),
            Kind.Verdict => new ListenerMessage.Verdict(BinaryPrimitives.ReadUInt32BigEndian(frame[1..]), frame[5] == 1),
            Kind.Spent => new ListenerMessage.Spent(ReadPacket(frame)),
            Kind.Granted => ReadRequest(frame) is { } request ? new ListenerMessage.Granted(request) : null,
            _ => null,
        };
        if (message is null)
        {
            return false;
        }

        // One message has one encoding: this refuses every stray byte at once.
        Span<byte> canonical = stackalloc byte[Size];
        Write(message, canonical);
        message = frame.SequenceEqual(canonical) ? message : null;
        return message is not null;
    }

    private static void WritePacket(in SeenPacket packet, Span<byte> frame)
    {
        packet.Digest.CopyTo(frame[DigestAt..]);
        Span<byte> origin = frame[OriginAt..];
        origin[0] = packet.Origin.Protocol;
        BinaryPrimitives.WriteUInt128BigEndian(origin[1..], packet.Origin.Source.Bits);
        BinaryPrimitives.WriteUInt16BigEndian(origin[17..], packet.Origin.SourcePort);
        BinaryPrimitives.WriteUInt128BigEndian(origin[19..], packet.Origin.Destination.Bits);
        BinaryPrimitives.WriteUInt16BigEndian(origin[35..], packet.Origin.DestinationPort);
        BinaryPrimitives.WriteInt64BigEndian(frame[ReceivedAt..], packet.ReceivedAt);
    }

    private static SeenPacket ReadPacket(ReadOnlySpan<byte> frame)
    {
        ReadOnlySpan<byte> origin = frame[OriginAt..];
        return new SeenPacket(
            new ReplayDigest(frame.Slice(DigestAt, ReplayDigest.Size)),
            new PacketOrigin(
                origin[0],
                PackedAddress.Read(origin.Slice(1, 16)),
                BinaryPrimitives.ReadUInt16BigEndian(origin[17..]),
                PackedAddress.Read(origin.Slice(19, 16)),
                BinaryPrimitives.ReadUInt16BigEndian(origin[35..])),
            BinaryPrimitives.ReadInt64BigEndian(frame[ReceivedAt..]));
    }

    private static void WriteRequest(GrantRequest request, Span<byte> frame)
    {
        if (request.Ports.Count is 0 or > GrantRequest.MaxPorts || request.Username.Length > Limits.UsernameDecoded)
        {
            throw new ArgumentException("The request does not fit a frame.", nameof(request));
        }

        WritePacket(request.Packet, frame);
        BinaryPrimitives.WriteInt32BigEndian(frame[StanzaAt..], request.StanzaNumber);
        BinaryPrimitives.WriteUInt128BigEndian(frame[AllowAt..], PackedAddress.From(request.Allow).Bits);
        BinaryPrimitives.WriteInt32BigEndian(frame[TimeoutAt..], request.ClientTimeout);
        frame[PortsAt] = (byte)request.Ports.Count;
        for (int i = 0; i < request.Ports.Count; i++)
        {
            Span<byte> port = frame[(PortsAt + 1 + (i * PortSize))..];
            port[0] = (byte)request.Ports[i].Protocol;
            BinaryPrimitives.WriteUInt16BigEndian(port[1..], request.Ports[i].Port);
        }

        frame[UsernameAt] = (byte)request.Username.Length;
        request.Username.Span.CopyTo(frame[(UsernameAt + 1)..End]);
    }

    private static GrantRequest? ReadRequest(ReadOnlySpan<byte> frame)
    {
        int count = frame[PortsAt];
        int nameLength = frame[UsernameAt];
        int stanza = BinaryPrimitives.ReadInt32BigEndian(frame[StanzaAt..]);
        int timeout = BinaryPrimitives.ReadInt32BigEndian(frame[TimeoutAt..]);
        if (count is 0 or > GrantRequest.MaxPorts || nameLength > Limits.UsernameDecoded || stanza < 1
            || timeout is < 0 or > Limits.ClientTimeout)
        {
            return null;
        }

        PortSpec[] ports = new PortSpec[count];
        for (int i = 0; i < count; i++)
        {
            ReadOnlySpan<byte> port = frame[(PortsAt + 1 + (i * PortSize))..];
            TransportProtocol protocol = (TransportProtocol)port[0];
            ushort number = BinaryPrimitives.ReadUInt16BigEndian(port[1..]);
            if (!Enum.IsDefined(protocol) || number == 0)
            {
                return null;
            }

            ports[i] = new PortSpec(protocol, number);
        }

        PackedAddress allow = new(BinaryPrimitives.ReadUInt128BigEndian(frame[AllowAt..]));
        FieldText username = new(frame.Slice(UsernameAt + 1, nameLength));
        return new GrantRequest(stanza, ReadPacket(frame), allow.ToIPAddress(), ports, timeout, username);
    }
}
