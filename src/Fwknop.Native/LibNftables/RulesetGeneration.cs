using System.Buffers.Binary;
using System.Runtime.Versioning;
using Microsoft.Win32.SafeHandles;

namespace Fwknop.Native.LibNftables;

/// <summary>
/// The kernel's count of committed nftables transactions in this network namespace (NFT_MSG_GETGEN). Two equal readings
/// mean that nobody has changed a rule between them, which is far cheaper to ask than to list the rules.
/// </summary>
[SupportedOSPlatform("linux")]
public sealed class RulesetGeneration : IDisposable
{
    // linux/netfilter/nfnetlink.h, nf_tables.h
    private const int SubsystemNftables = 10;
    private const int MessageNewGen = 15;
    private const int MessageGetGen = 16;
    private const int AttributeGenId = 1;
    private const int RequestFlag = 1;
    private const int HeaderLength = 20;
    private const int LargestAnswer = 4096;

    private readonly SafeFileHandle? _socket;
    private uint _sequence;

    /// <summary>Opens the socket, in the network namespace of the calling thread.</summary>
    public RulesetGeneration()
    {
        int descriptor = NetlinkApi.OpenSocket(
            NetlinkApi.AddressFamilyNetlink, NetlinkApi.SocketRaw | NetlinkApi.CloseOnExec, NetlinkApi.ProtocolNetfilter);
        _socket = descriptor < 0 ? null : new SafeFileHandle(descriptor, ownsHandle: true);
    }

    /// <summary>The number; null if the kernel does not tell, which proves nothing about the rules.</summary>
    public uint? Read()
    {
        if (_socket is null)
        {
            return null;
        }

        // nlmsghdr (length, type, flags, sequence, port) and nfgenmsg (family, version, resource), host byte order.
        Span<byte> request = stackalloc byte[HeaderLength];
        request.Clear();
        BitConverter.TryWriteBytes(request, (uint)HeaderLength);
        BitConverter.TryWriteBytes(request[4..], (ushort)((SubsystemNftables << 8) | MessageGetGen));
        BitConverter.TryWriteBytes(request[6..], (ushort)RequestFlag);
        BitConverter.TryWriteBytes(request[8..], ++_sequence);
        if (NetlinkApi.Send(_socket, request, HeaderLength, 0) != HeaderLength)
        {
            return null;
        }

        Span<byte> answer = stackalloc byte[LargestAnswer];
        nint length = NetlinkApi.Receive(_socket, answer, LargestAnswer, 0);
        return length < 0 ? null : ParseAnswer(answer[..(int)length], _sequence);
    }

    /// <summary>Closes the socket.</summary>
    public void Dispose() => _socket?.Dispose();

    /// <summary>NFT_MSG_NEWGEN with the attribute NFTA_GEN_ID, a 32-bit number in network order.</summary>
    internal static uint? ParseAnswer(ReadOnlySpan<byte> answer, uint sequence)
    {
        if (answer.Length < HeaderLength
            || BitConverter.ToUInt16(answer[4..]) != ((SubsystemNftables << 8) | MessageNewGen)
            || BitConverter.ToUInt32(answer[8..]) != sequence)
        {
            return null;
        }

        ReadOnlySpan<byte> rest = answer[HeaderLength..];
        while (rest.Length >= 8)
        {
            int length = BitConverter.ToUInt16(rest);
            if (length < 4 || length > rest.Length)
            {
                return null;
            }

            if (BitConverter.ToUInt16(rest[2..]) == AttributeGenId && length == 8)
            {
                return BinaryPrimitives.ReadUInt32BigEndian(rest[4..]);
            }

            rest = rest[Math.Min(rest.Length, (length + 3) & ~3)..];
        }

        return null;
    }
}
