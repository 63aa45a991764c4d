using System.Globalization;
using System.Runtime.InteropServices;
using System.Runtime.Versioning;
using System.Text;
using Fwknop.Native.FileSystem;
using Microsoft.Win32.SafeHandles;

namespace Fwknop.Native.Libc;

/// <summary>A file descriptor. Closed on dispose when it is owned.</summary>
[SupportedOSPlatform("linux")]
public sealed class Descriptor : SafeHandle
{
    private const int CloseOnExec = 0x80000;
    private const int GetFlags = 1; // F_GETFD
    private const int SetFlags = 2; // F_SETFD
    private const int ClosesOnExec = 1; // FD_CLOEXEC
    private const int DuplicateClosedOnExec = 1030; // F_DUPFD_CLOEXEC
    private const int FirstFree = 3;
    private const uint MemoryClosedOnExec = 1; // MFD_CLOEXEC
    private const int NonBlocking = 0x800; // O_NONBLOCK
    private const int DoNotWait = 0x40; // MSG_DONTWAIT
    private const int NoSignal = 0x4000; // MSG_NOSIGNAL
    private const short Readable = 0x001;
    private const short Writable = 0x004;

    /// <summary>O_NOFOLLOW, one of the few flags that differ.</summary>
    internal static readonly int NoFollow = RuntimeInformation.ProcessArchitecture == Architecture.X64 ? 0x20000 : 0x8000;

    internal Descriptor(int fd, bool owned)
        : base(-1, owned)
    {
        SetHandle(fd);
    }

    public override bool IsInvalid => handle < 0;

    /// <summary>The number, as another program is told it that inherits the descriptor.</summary>
    public int Number => (int)handle;

    /// <summary>A descriptor this process was started with; disposing it does not close it.</summary>
    public static Descriptor Borrow(int number) => new(number, owned: false);

    /// <summary>A descriptor this process was started with, and that is its own from here on: closed when it is disposed.</summary>
    public static Descriptor Inherit(int number) => new(number, owned: true);

    /// <summary>
    /// Standard input, output or error. Where this process was started without it, the runtime may have put something of its own in its
    /// place, which it marks to be closed in other programs, as nothing inherited can be: every use of that fails with EBADF.
    /// </summary>
    public static Descriptor BorrowStandard(int number) => Borrow(IsInherited(number) ? number : -1);

    /// <summary>Opens a regular file for reading. Null when that is not possible, or the last part of the path is a symbolic link or something else.</summary>
    public static Descriptor? TryOpenRegular(string path)
    {
        Descriptor? file = Open(path, NoFollow | NonBlocking, 0, out _);
        if (file is null || FileOwnership.Of(file).IsRegular)
        {
            return file;
        }

        file.Dispose();
        return null;
    }

    /// <summary>
    /// A second descriptor of what standard input, output or error is, beside those. Null where this process was started without it.
    /// </summary>
    public static Descriptor? TryDuplicateStandard(int number)
    {
        int copy = IsInherited(number) ? LibcFunctions.fcntl(number, DuplicateClosedOnExec, FirstFree) : -1;
        return copy < 0 ? null : new Descriptor(copy, owned: true);
    }

    /// <summary>A file that has no name and is in memory; it is gone when its last descriptor is closed.</summary>
    /// <exception cref="IOException">There is no memory for it.</exception>
    public static unsafe Descriptor CreateInMemory()
    {
        fixed (byte* name = "fwknop\0"u8)
        {
            int fd = LibcFunctions.memfd_create(name, MemoryClosedOnExec);
            return fd < 0 ? throw new IOException("memfd_create: " + Errno.Last.Text) : new Descriptor(fd, owned: true);
        }
    }

    /// <summary>True for a regular file, which can be read more than once.</summary>
    public bool IsRegular => FileOwnership.Of(this).IsRegular;

    /// <summary>Goes back to the beginning of a regular file.</summary>
    /// <exception cref="IOException">It is none.</exception>
    public void Rewind()
    {
        if (LibcFunctions.lseek(this, 0, 0) < 0)
        {
            throw new IOException("lseek: " + Errno.Last.Text);
        }
    }

    /// <summary>Reads one byte, so that nothing is taken that was not asked for: what follows may be for somebody else.</summary>
    /// <param name="value">The byte, or -1 at the end.</param>
    /// <param name="error">Why it cannot be read.</param>
    public unsafe bool TryReadByte(out int value, out Errno error)
    {
        byte read;
        nint count;
        do
        {
            count = LibcFunctions.read(this, &read, 1);
            error = count < 0 ? Errno.Last : Errno.None;
        }
        while (error.Code == Errno.Interrupted);

        value = count > 0 ? read : -1;
        return count >= 0;
    }

    /// <summary>Reads what is there, and waits when nothing is.</summary>
    /// <param name="buffer">Where to; not empty.</param>
    /// <param name="count">How many bytes; 0 at the end.</param>
    /// <param name="error">Why it cannot be read.</param>
    public unsafe bool TryRead(Span<byte> buffer, out int count, out Errno error)
    {
        fixed (byte* start = buffer)
        {
            do
            {
                count = (int)LibcFunctions.read(this, start, (nuint)buffer.Length);
                error = count < 0 ? Errno.Last : Errno.None;
            }
            while (error.Code == Errno.Interrupted || (error.Code == Errno.TryAgain && WaitFor(Readable)));
        }

        return count >= 0;
    }

    /// <summary>
    /// Writes everything, in as many calls as it takes. A descriptor that somebody has set to non-blocking, as it may be when it is
    /// shared with other programs, is waited for.
    /// </summary>
    public unsafe bool TryWriteAll(ReadOnlySpan<byte> content, out Errno error)
    {
        error = Errno.None;
        fixed (byte* start = content)
        {
            for (nint done = 0; done < content.Length;)
            {
                nint written = LibcFunctions.write(this, start + done, (nuint)(content.Length - done));
                error = written < 0 ? Errno.Last : Errno.None;
                bool goesOn = written >= 0 || error.Code == Errno.Interrupted || (error.Code == Errno.TryAgain && WaitFor(Writable));
                if (!goesOn)
                {
                    return false;
                }

                done += Math.Max(written, 0);
            }
        }

        return true;
    }

    /// <summary>Sends one message by a socket that keeps messages apart: whole or not at all, and without waiting.</summary>
    /// <param name="message">The message.</param>
    /// <param name="error">Why it cannot be sent, such as that too many wait to be read.</param>
    public unsafe bool TrySend(ReadOnlySpan<byte> message, out Errno error)
    {
        nint sent;
        fixed (byte* start = message)
        {
            do
            {
                sent = LibcFunctions.send(this, start, (nuint)message.Length, DoNotWait | NoSignal);
                error = sent < 0 ? Errno.Last : Errno.None;
            }
            while (error.Code == Errno.Interrupted);
        }

        return sent >= 0;
    }

    /// <summary>
    /// Puts /dev/null in its place: what it was connected to ends, and its number is not taken by something else. The runtime's own copies
    /// of it, which it makes of the standard three when it starts, go the same way.
    /// </summary>
    /// <param name="withFiles">True: copies of terminals and files too, which may be copies of another of the standard three.</param>
    internal void Discard(bool withFiles = false)
    {
        const int readWrite = 0x2;
        using Descriptor? nowhere = Open("/dev/null", readWrite, 0, out _);
        if (nowhere is null || IsInvalid)
        {
            return;
        }

        foreach (int copy in RuntimeCopies((int)handle, withFiles))
        {
            _ = LibcFunctions.dup3((int)nowhere.handle, copy, CloseOnExec);
        }

        _ = LibcFunctions.dup3((int)nowhere.handle, (int)handle, 0);
    }

    protected override bool ReleaseHandle() => LibcFunctions.close((int)handle) == 0;

    // Errors and hang-ups end the wait too; the next call names them.
    private unsafe bool WaitFor(short events)
    {
        LibcFunctions.PollEntry entry = new() { Descriptor = (int)handle, Events = events };
        return LibcFunctions.poll(&entry, 1, Timeout.Infinite) >= 0 || Errno.Last.Code == Errno.Interrupted;
    }

    /// <summary>Hands the descriptor over to the base library; this one is of no use afterwards.</summary>
    internal SafeFileHandle ToFileHandle()
    {
        SafeFileHandle file = new(handle, ownsHandle: true);
        SetHandleAsInvalid();
        return file;
    }

    /// <summary>open(2), always with O_CLOEXEC. Null and an error when it fails.</summary>
    internal static unsafe Descriptor? Open(string path, int flags, uint mode, out Errno error)
    {
        fixed (byte* name = ToCString(path))
        {
            int fd = LibcFunctions.open(name, flags | CloseOnExec, mode);
            error = fd < 0 ? Errno.Last : Errno.None;
            return fd < 0 ? null : new Descriptor(fd, owned: true);
        }
    }

    /// <summary>openat(2), otherwise the same.</summary>
    internal static unsafe Descriptor? OpenAt(Descriptor folder, string name, int flags, out Errno error)
    {
        fixed (byte* text = ToCString(name))
        {
            int fd = LibcFunctions.openat(folder, text, flags | CloseOnExec, 0);
            error = fd < 0 ? Errno.Last : Errno.None;
            return fd < 0 ? null : new Descriptor(fd, owned: true);
        }
    }

    /// <summary>UTF-8 with a terminating zero byte. Text that holds a zero byte would name something else than it says.</summary>
    internal static byte[] ToCString(string text)
    {
        if (text.Contains('\0', StringComparison.Ordinal))
        {
            throw new ArgumentException("The text holds a zero byte.", nameof(text));
        }

        byte[] bytes = new byte[Encoding.UTF8.GetByteCount(text) + 1];
        Encoding.UTF8.GetBytes(text, bytes);
        return bytes;
    }

    /// <summary>True when this process was started with that descriptor; what the runtime opens is to be closed on exec.</summary>
    public static bool IsInherited(int number)
    {
        int flags = LibcFunctions.fcntl(number, GetFlags, 0);
        return flags >= 0 && (flags & ClosesOnExec) == 0;
    }

    /// <summary>Marks a descriptor to be open in programs that this process starts, or to be closed there.</summary>
    internal static bool TrySetInherited(int number, bool isInherited) =>
        LibcFunctions.fcntl(number, SetFlags, isInherited ? 0 : ClosesOnExec) == 0;

    // Only pipes and sockets have an end that somebody waits for; their names are numbers in brackets.
    private static int[] RuntimeCopies(int number, bool withFiles)
    {
        const string folder = "/proc/self/fd";
        string? name = new FileInfo($"{folder}/{number}").LinkTarget;
        bool hasEnd = name?.Contains(":[", StringComparison.Ordinal) == true;
        return name is null or "/dev/null" || !(hasEnd || withFiles)
            ? []
            : [.. Directory.GetFiles(folder)
                .Where(path => new FileInfo(path).LinkTarget == name)
                .Select(path => int.Parse(Path.GetFileName(path), CultureInfo.InvariantCulture))
                .Where(copy => copy != number && !IsInherited(copy))];
    }
}
