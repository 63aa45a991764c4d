using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Runtime.Versioning;

namespace Fwknop.Native.Libc;

/// <summary>
/// Descriptors that come and go, waited on as one (epoll(7)): the set's own descriptor can be read while one of its members can be read, has an error, or
/// has lost its other end. For one thread at a time.
/// </summary>
[SupportedOSPlatform("linux")]
public sealed unsafe class ReadySet : IDisposable
{
    private const int CloseOnExec = 0x80000;
    private const int AddMember = 1;
    private const int DeleteMember = 2;
    private const uint Readable = 0x001;
    private const int MostAtOnce = 64;

    // struct epoll_event: events 4, data 8; only x86-64 packs the two.
    private static readonly int DataOffset = RuntimeInformation.ProcessArchitecture == Architecture.X64 ? 4 : 8;
    private static readonly int EventLength = DataOffset + sizeof(ulong);

    private readonly byte[] _events = new byte[MostAtOnce * EventLength];
    private readonly int[] _tags = new int[MostAtOnce];

    public ReadySet()
    {
        int fd = LibcFunctions.epoll_create1(CloseOnExec);
        if (fd < 0)
        {
            throw new IOException("epoll_create1: " + Errno.Last.Text);
        }

        Descriptor = new Descriptor(fd, owned: true);
    }

    /// <summary>Readable while a member is ready.</summary>
    public Descriptor Descriptor { get; }

    /// <summary>Makes the descriptor a member. <see cref="Remove"/> it before it is closed.</summary>
    /// <param name="member">An open descriptor that can be waited on; not a file.</param>
    /// <param name="tag">What <see cref="Take"/> calls it.</param>
    public void Add(Descriptor member, int tag)
    {
        byte* change = stackalloc byte[16];
        BinaryPrimitives.WriteUInt32LittleEndian(new Span<byte>(change, sizeof(uint)), Readable);
        BinaryPrimitives.WriteInt64LittleEndian(new Span<byte>(change + DataOffset, sizeof(long)), tag);
        if (LibcFunctions.epoll_ctl(Descriptor, AddMember, member, change) != 0)
        {
            throw new IOException("epoll_ctl: " + Errno.Last.Text);
        }
    }

    /// <summary>Takes a member out.</summary>
    public void Remove(Descriptor member)
    {
        byte* unused = stackalloc byte[16];
        if (LibcFunctions.epoll_ctl(Descriptor, DeleteMember, member, unused) != 0)
        {
            throw new IOException("epoll_ctl: " + Errno.Last.Text);
        }
    }

    /// <summary>The tags of members that are ready now, without waiting; not all of them when there are many. Valid until the next call.</summary>
    public ReadOnlySpan<int> Take()
    {
        int count;
        fixed (byte* events = _events)
        {
            do
            {
                count = LibcFunctions.epoll_wait(Descriptor, events, MostAtOnce, 0);
            }
            while (count < 0 && Errno.Last.Code == Errno.Interrupted);
        }

        if (count < 0)
        {
            throw new IOException("epoll_wait: " + Errno.Last.Text);
        }

        for (int i = 0; i < count; i++)
        {
            _tags[i] = (int)BinaryPrimitives.ReadInt64LittleEndian(_events.AsSpan((i * EventLength) + DataOffset));
        }

        return _tags.AsSpan(0, count);
    }

    public void Dispose() => Descriptor.Dispose();
}
