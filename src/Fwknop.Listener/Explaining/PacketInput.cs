using System.Buffers.Binary;
using Fwknop.Native.Libc;

namespace Fwknop.Listener.Explaining;

/// <summary>
/// What <c>--explain</c> was given: the text of one packet, or a pcap file, told apart by the first four bytes. Whoever gives it may give anything, without end.
/// </summary>
internal sealed class PacketInput : IDisposable
{
    /// <summary>Our choice: more than any packet, HTTP request around it and line end.</summary>
    private const int MaxText = 8 * 1024;

    /// <summary>Our choice: so much of a pcap file that cannot be read twice, because it comes from a pipe, is kept in memory.</summary>
    private const int MaxPiped = 64 * 1024 * 1024;

    private const int MagicSize = 4;

    // Written by either byte order, with micro- or nanoseconds, and with the extended header of old Linux patches; pcapng.
    private static readonly uint[] Magics =
        [0xA1B2C3D4, 0xD4C3B2A1, 0xA1B23C4D, 0x4D3CB2A1, 0xA1B2CD34, 0x34CDB2A1, 0x0A0D0D0A];

    private PacketInput(byte[]? text, Descriptor? file, bool isCut)
    {
        Text = text;
        File = file;
        IsCut = isCut;
    }

    /// <summary>The text, without the line end behind it; null for a pcap file.</summary>
    public byte[]? Text { get; }

    /// <summary>The pcap file, at its beginning; null for text.</summary>
    public Descriptor? File { get; }

    /// <summary>True when not all of a pcap file could be kept.</summary>
    public bool IsCut { get; }

    /// <summary>Reads it.</summary>
    /// <param name="source">Where from; belongs to the result.</param>
    /// <param name="wait">Waits until there is something to read; false when nobody is interested any more.</param>
    /// <param name="error">Why there is none.</param>
    public static PacketInput? TryRead(Descriptor source, Func<bool> wait, out string error)
    {
        byte[] text = new byte[MaxText + 1];
        if (!TryFill(source, text.AsSpan(0, MagicSize), wait, out int length, out error))
        {
            return null;
        }

        if (length == MagicSize && Magics.Contains(BinaryPrimitives.ReadUInt32BigEndian(text)))
        {
            return FileOf(source, text.AsSpan(0, MagicSize), wait, out error);
        }

        if (!TryFill(source, text.AsSpan(length), wait, out int more, out error))
        {
            return null;
        }

        source.Dispose();
        length += more;
        error = length == 0 ? "[*] --explain: there is nothing to explain: no packet, no pcap file"
            : length > MaxText ? "[*] --explain: this is neither the text of one packet, which is shorter, nor a pcap file"
            : "";
        return error.Length == 0 ? new PacketInput(WithoutLineEnd(text.AsSpan(0, length)), null, isCut: false) : null;
    }

    public void Dispose() => File?.Dispose();

    private static PacketInput? FileOf(Descriptor source, ReadOnlySpan<byte> start, Func<bool> wait, out string error)
    {
        error = "";
        if (source.IsRegular)
        {
            source.Rewind();
            return new PacketInput(null, source, isCut: false);
        }

        using (source)
        {
            Descriptor memory = Descriptor.CreateInMemory();
            if (TryCopy(source, memory, start, wait, out bool isCut, out error))
            {
                memory.Rewind();
                return new PacketInput(null, memory, isCut);
            }

            memory.Dispose();
            return null;
        }
    }

    private static bool TryCopy(Descriptor source, Descriptor memory, ReadOnlySpan<byte> start, Func<bool> wait, out bool isCut, out string error)
    {
        byte[] chunk = new byte[64 * 1024];
        start.CopyTo(chunk);
        int count = start.Length;
        int total = 0;
        isCut = false;
        error = "";
        while (count > 0 && !isCut)
        {
            if (!memory.TryWriteAll(chunk.AsSpan(0, count), out Errno why))
            {
                error = Unreadable(why);
                return false;
            }

            total += count;
            isCut = total >= MaxPiped;
            if (!TryFill(source, chunk, wait, out count, out error))
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>Reads until the buffer is full or the input ends.</summary>
    private static bool TryFill(Descriptor source, Span<byte> buffer, Func<bool> wait, out int length, out string error)
    {
        length = 0;
        error = "";
        while (length < buffer.Length)
        {
            if (!wait())
            {
                error = "[*] --explain: ended";
                return false;
            }

            if (!source.TryRead(buffer[length..], out int count, out Errno why))
            {
                error = Unreadable(why);
                return false;
            }

            if (count == 0)
            {
                break;
            }

            length += count;
        }

        return true;
    }

    private static string Unreadable(Errno why) => $"[*] --explain: the packets cannot be read: {why.Text}";

    // In an HTTP request it is part of the request.
    private static byte[] WithoutLineEnd(ReadOnlySpan<byte> text) => [.. text.StartsWith("GET "u8) ? text : text.TrimEnd("\r\n "u8)];
}
