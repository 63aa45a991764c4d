using System.Runtime.InteropServices;
using System.Runtime.Versioning;
using System.Text;

namespace Fwknop.Native.Libc;

/// <summary>A file descriptor. Closed on dispose when it is owned.</summary>
[SupportedOSPlatform("linux")]
public sealed class Descriptor : SafeHandle
{
    private const int CloseOnExec = 0x80000;

    internal Descriptor(int fd, bool owned)
        : base(-1, owned)
    {
        SetHandle(fd);
    }

    public override bool IsInvalid => handle < 0;

    /// <summary>A descriptor this process was started with; disposing it does not close it.</summary>
    public static Descriptor Borrow(int number) => new(number, owned: false);

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

    /// <summary>Writes everything, in as many calls as it takes.</summary>
    public unsafe bool TryWriteAll(ReadOnlySpan<byte> content, out Errno error)
    {
        error = Errno.None;
        fixed (byte* start = content)
        {
            for (nint done = 0; done < content.Length;)
            {
                nint written = LibcFunctions.write(this, start + done, (nuint)(content.Length - done));
                error = written < 0 ? Errno.Last : Errno.None;
                if (written < 0 && error.Code != Errno.Interrupted)
                {
                    return false;
                }

                done += Math.Max(written, 0);
            }
        }

        return true;
    }

    protected override bool ReleaseHandle() => LibcFunctions.close((int)handle) == 0;

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
}
