using System.Runtime.InteropServices;
using System.Text;

namespace Fwknop.Native.Libc;

/// <summary>A file descriptor. Closed on dispose when it is owned.</summary>
public sealed class Descriptor : SafeHandle
{
    private const int CloseOnExec = 0x80000;

    internal Descriptor(int fd, bool owned)
        : base(-1, owned)
    {
        SetHandle(fd);
    }

    public override bool IsInvalid => handle < 0;

    /// <summary>Descriptor 0, to wait on; disposing it does not close it.</summary>
    public static Descriptor StandardInput() => new(0, owned: false);

    protected override bool ReleaseHandle() => LibcFunctions.close((int)handle) == 0;

    /// <summary>open(2), always with O_CLOEXEC. Null and an error when it fails.</summary>
    internal static unsafe Descriptor? Open(string path, int flags, uint mode, out Errno error)
    {
        fixed (byte* name = ToCString(path))
        {
            var fd = LibcFunctions.open(name, flags | CloseOnExec, mode);
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

        var bytes = new byte[Encoding.UTF8.GetByteCount(text) + 1];
        Encoding.UTF8.GetBytes(text, bytes);
        return bytes;
    }
}
