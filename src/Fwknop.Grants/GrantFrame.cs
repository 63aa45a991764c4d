using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using Fwknop.Protocol;

namespace Fwknop.Grants;

/// <summary>
/// The listener's messages as bytes: every frame has exactly <see cref="Size"/> bytes, unused ones are zero, one write is one frame
/// (less than PIPE_BUF, so never torn).
/// <code>
///   0 kind            1 ready, 2 spent, 3 granted, 4 limit reached, 5 commanded, 16 verdict; the rest is for kinds 2, 3 and 5
///   1 digest          32 bytes
///  33 origin          protocol 1, source 16, source port 2, destination 16, destination port 2
///  70 received at     8, seconds since 1970
///  78 stanza          4                    from here on for kinds 3 and 5
///  82 username length 1, then 48 bytes
/// 131 allow           16                   from here on for kind 3
/// 147 client timeout  4
/// 151 port count      1, then 32 × (protocol 1, port 2)
/// 248 forwarding      1 (0 none, 1 to a host behind, 2 local), target length 1, then 127 bytes
/// 131 command length  1, then 192 bytes    for kind 5
/// 377 besides         count 1, then 2 × 32 bytes
///
///   1 packet          4, for kind 16
///   5 passes          1
/// </code>
/// Integers are big-endian; addresses are <see cref="PackedAddress"/>.
/// </summary>
public static class GrantFrame
{
    /// <summary>Bytes of every frame.</summary>
    public const int Size = 448;

    /// <summary>Bytes of a spent frame that are not always zero.</summary>
    internal const int SpentSize = StanzaAt;

    private const int DigestAt = 1;
    private const int OriginAt = DigestAt + ReplayDigest.Size;
    private const int ReceivedAt = OriginAt + 37;
    private const int StanzaAt = ReceivedAt + 8;
    private const int UsernameAt = StanzaAt + 4;
    private const int DetailsAt = UsernameAt + 1 + Limits.UsernameDecoded;
    private const int AllowAt = DetailsAt;
    private const int TimeoutAt = AllowAt + 16;
    private const int PortsAt = TimeoutAt + 4;
    private const int PortSize = 3;
    private const int NatAt = PortsAt + 1 + (GrantRequest.MaxPorts * PortSize);
    private const int BesidesAt = NatAt + 2 + Limits.NatAccess;

    private enum Kind : byte
    {
        None = 0,
        Ready = 1,
        Spent = 2,
        Granted = 3,
        LimitReached = 4,
        Commanded = 5,
        QueueVerdict = 16,
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
            case ListenerMessage.QueueVerdict verdict:
                frame[0] = (byte)Kind.QueueVerdict;
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
            case ListenerMessage.Commanded commanded:
                frame[0] = (byte)Kind.Commanded;
                WriteCommand(commanded.Request, frame);
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
            Kind.QueueVerdict => new ListenerMessage.QueueVerdict(BinaryPrimitives.ReadUInt32BigEndian(frame[1..]), frame[5] == 1),
            Kind.Spent => new ListenerMessage.Spent(ReadPacket(frame)),
            Kind.Granted => ReadRequest(frame) is { } request ? new ListenerMessage.Granted(request) : null,
            Kind.Commanded => ReadCommand(frame) is { } request ? new ListenerMessage.Commanded(request) : null,
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

    private static void WriteHead(StanzaRequest request, Span<byte> frame)
    {
        WritePacket(request.Packet, frame);
        BinaryPrimitives.WriteInt32BigEndian(frame[StanzaAt..], request.StanzaNumber);
        WriteText(request.Username, Limits.UsernameDecoded, frame[UsernameAt..]);
        if (request.Besides.Count > StanzaRequest.MaxBesides)
        {
            throw new ArgumentException("The request does not fit a frame.", nameof(request));
        }

        frame[BesidesAt] = (byte)request.Besides.Count;
        for (int i = 0; i < request.Besides.Count; i++)
        {
            request.Besides[i].CopyTo(frame[(BesidesAt + 1 + (i * ReplayDigest.Size))..]);
        }
    }

    private static ReplayDigest[]? ReadBesides(ReadOnlySpan<byte> frame)
    {
        int count = frame[BesidesAt];
        if (count > StanzaRequest.MaxBesides)
        {
            return null;
        }

        ReplayDigest[] besides = count == 0 ? [] : new ReplayDigest[count];
        for (int i = 0; i < count; i++)
        {
            besides[i] = new ReplayDigest(frame.Slice(BesidesAt + 1 + (i * ReplayDigest.Size), ReplayDigest.Size));
        }

        return besides;
    }

    private static void WriteText(FieldText text, int limit, Span<byte> field)
    {
        if (text.Length > limit)
        {
            throw new ArgumentException("The text does not fit a frame.", nameof(text));
        }

        field[0] = (byte)text.Length;
        text.Span.CopyTo(field[1..]);
    }

    private static FieldText? ReadText(ReadOnlySpan<byte> field, int limit) => field[0] <= limit ? new FieldText(field.Slice(1, field[0])) : default(FieldText?);

    private static int? ReadStanza(ReadOnlySpan<byte> frame) =>
        BinaryPrimitives.ReadInt32BigEndian(frame[StanzaAt..]) is > 0 and int stanza ? stanza : null;

    private static void WriteCommand(CommandRequest request, Span<byte> frame)
    {
        WriteHead(request, frame);
        WriteText(request.Command, Limits.MessageDecoded, frame[DetailsAt..]);
    }

    private static CommandRequest? ReadCommand(ReadOnlySpan<byte> frame) =>
        ReadStanza(frame) is { } stanza
        && ReadText(frame[UsernameAt..], Limits.UsernameDecoded) is { } username
        && ReadText(frame[DetailsAt..], Limits.MessageDecoded) is { } command
        && ReadBesides(frame) is { } besides
            ? new CommandRequest(stanza, ReadPacket(frame), username, command) { Besides = besides }
            : null;

    private static void WriteRequest(GrantRequest request, Span<byte> frame)
    {
        if (request.Ports.Count > GrantRequest.MaxPorts)
        {
            throw new ArgumentException("The request does not fit a frame.", nameof(request));
        }

        WriteHead(request, frame);
        BinaryPrimitives.WriteUInt128BigEndian(frame[AllowAt..], PackedAddress.From(request.Allow).Bits);
        BinaryPrimitives.WriteInt32BigEndian(frame[TimeoutAt..], request.ClientTimeout);
        frame[PortsAt] = (byte)request.Ports.Count;
        for (int i = 0; i < request.Ports.Count; i++)
        {
            Span<byte> port = frame[(PortsAt + 1 + (i * PortSize))..];
            port[0] = (byte)request.Ports[i].Protocol;
            BinaryPrimitives.WriteUInt16BigEndian(port[1..], request.Ports[i].Port);
        }

        if (request.Nat is { } nat)
        {
            frame[NatAt] = (byte)nat.Kind;
            WriteText(nat.Target, Limits.NatAccess, frame[(NatAt + 1)..]);
        }
    }

    private static GrantRequest? ReadRequest(ReadOnlySpan<byte> frame)
    {
        int count = frame[PortsAt];
        int timeout = BinaryPrimitives.ReadInt32BigEndian(frame[TimeoutAt..]);
        if (count > GrantRequest.MaxPorts || timeout is < 0 or > Limits.ClientTimeout
            || ReadStanza(frame) is not { } stanza || ReadText(frame[UsernameAt..], Limits.UsernameDecoded) is not { } username
            || ReadBesides(frame) is not { } besides || !TryReadNat(frame[NatAt..], out NatRequest? nat))
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
        return new GrantRequest(stanza, ReadPacket(frame), allow.ToIPAddress(), ports, timeout, username) { Besides = besides, Nat = nat };
    }

    private static bool TryReadNat(ReadOnlySpan<byte> field, out NatRequest? nat)
    {
        NatKind kind = (NatKind)field[0];
        nat = Enum.IsDefined(kind) && ReadText(field[1..], Limits.NatAccess) is { } target ? new NatRequest(kind, target) : null;
        return nat is not null || field[0] == 0;
    }
}
