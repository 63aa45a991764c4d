using System.Buffers.Binary;

namespace Fwknop.Native.Libc;

/// <summary>
/// Messages of nfnetlink_queue (linux/netfilter/nfnetlink_queue.h). A message is length 4, type 2, flags 2, sequence 4, port 4, in the machine's byte order;
/// then family 1, version 1, queue 2; then attributes: length 2, type 2, content padded to 4. What is inside attributes is big-endian.
/// </summary>
internal static class QueueMessage
{
    internal const int HeaderLength = 16;

    private const int AttributesAt = 20;
    private const ushort ErrorType = 2;
    private const ushort PacketType = 0x300;
    private const ushort VerdictType = 0x301;
    private const ushort ConfigType = 0x302;
    private const ushort Request = 1;
    private const ushort RequestAndAcknowledge = 5;
    private const int AttributeHeader = 4;
    private const int TypeMask = 0x3FFF;

    private const ushort PacketHeaderAttribute = 1;
    private const ushort PayloadAttribute = 10;

    /// <summary>Becomes the reader of a queue: whole packets, so many of them, and those that do not fit are let pass, not lost.</summary>
    internal static byte[] Bind(ushort queue, uint longest, uint mostPackets)
    {
        const ushort Command = 1;
        const ushort Parameters = 2;
        const ushort QueueLength = 3;
        const ushort Mask = 4;
        const ushort Flags = 5;
        const byte BindCommand = 1;
        const byte CopyPacket = 2;
        const uint FailOpen = 1;

        return Make(
            ConfigType,
            RequestAndAcknowledge,
            queue,
            (Command, [BindCommand, 0, 0, 0]),
            (Parameters, [.. BigEndian(longest), CopyPacket]),
            (QueueLength, BigEndian(mostPackets)),
            (Mask, BigEndian(FailOpen)),
            (Flags, BigEndian(FailOpen)));
    }

    internal static byte[] Verdict(ushort queue, uint id, bool passes)
    {
        const ushort VerdictHeader = 2;
        const uint Drop = 0;
        const uint Accept = 1;

        return Make(VerdictType, Request, queue, (VerdictHeader, [.. BigEndian(passes ? Accept : Drop), .. BigEndian(id)]));
    }

    /// <summary>The answer to a request: an error number, 0 for none. Null for any other message.</summary>
    internal static int? ReadAnswer(ReadOnlySpan<byte> message) =>
        message.Length >= AttributesAt && BitConverter.ToUInt16(message[4..]) == ErrorType
            ? -BitConverter.ToInt32(message[HeaderLength..])
            : null;

    /// <summary>Reads a packet. False for any other message.</summary>
    internal static bool TryReadPacket(ReadOnlySpan<byte> message, out QueuedPacket packet)
    {
        packet = default;
        if (message.Length < AttributesAt || BitConverter.ToUInt16(message[4..]) != PacketType)
        {
            return false;
        }

        uint? id = null;
        ReadOnlySpan<byte> data = default;
        ReadOnlySpan<byte> rest = message[AttributesAt..];
        while (rest.Length >= AttributeHeader)
        {
            int length = BitConverter.ToUInt16(rest);
            if (length < AttributeHeader || length > rest.Length)
            {
                return false;
            }

            ReadOnlySpan<byte> content = rest[AttributeHeader..length];
            switch (BitConverter.ToUInt16(rest[2..]) & TypeMask)
            {
                case PacketHeaderAttribute when content.Length >= sizeof(uint):
                    id = BinaryPrimitives.ReadUInt32BigEndian(content);
                    break;
                case PayloadAttribute:
                    data = content;
                    break;
            }

            rest = rest[Math.Min(Padded(length), rest.Length)..];
        }

        packet = id is { } known ? new QueuedPacket { Id = known, Data = data } : default;
        return id is not null;
    }

    private static byte[] Make(ushort type, ushort flags, ushort queue, params ReadOnlySpan<(ushort Type, byte[] Content)> attributes)
    {
        using MemoryStream stream = new();
        using BinaryWriter writer = new(stream);
        writer.Write(0);
        writer.Write(type);
        writer.Write(flags);
        writer.Write(0L);
        writer.Write((ushort)0);
        writer.Write(BinaryPrimitives.ReverseEndianness(queue));
        foreach ((ushort attribute, byte[] content) in attributes)
        {
            writer.Write((ushort)(AttributeHeader + content.Length));
            writer.Write(attribute);
            writer.Write(content);
            writer.Write(new byte[Padded(content.Length) - content.Length]);
        }

        byte[] message = stream.ToArray();
        BitConverter.TryWriteBytes(message, message.Length);
        return message;
    }

    private static byte[] BigEndian(uint value)
    {
        byte[] bytes = new byte[sizeof(uint)];
        BinaryPrimitives.WriteUInt32BigEndian(bytes, value);
        return bytes;
    }

    private static int Padded(int length) => (length + 3) & ~3;
}
