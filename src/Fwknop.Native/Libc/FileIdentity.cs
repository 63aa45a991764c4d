namespace Fwknop.Native.Libc;

/// <summary>Which file something is: device and inode.</summary>
internal readonly record struct FileIdentity(uint DeviceMajor, uint DeviceMinor, ulong Inode)
{
    private const int CurrentDirectory = -100;
    private const int EmptyPath = 0x1000;
    private const uint WantInode = 0x100;

    /// <summary>Null when it cannot be told.</summary>
    public static FileIdentity? Of(Descriptor file)
    {
        var referenced = false;
        file.DangerousAddRef(ref referenced);
        try
        {
            return Ask((int)file.DangerousGetHandle(), "", EmptyPath);
        }
        finally
        {
            file.DangerousRelease();
        }
    }

    /// <summary>Null when there is no such file.</summary>
    public static FileIdentity? Of(string path) => Ask(CurrentDirectory, path, 0);

    /// <summary>struct statx, alike on all machines: inode 8 at 32, device major 4 at 136, minor 4 at 140; 256 in all.</summary>
    private static unsafe FileIdentity? Ask(int directory, string path, int flags)
    {
        var answer = stackalloc byte[256];
        fixed (byte* name = Descriptor.ToCString(path))
        {
            if (LibcFunctions.statx(directory, name, flags, WantInode, answer) != 0)
            {
                return null;
            }
        }

        return new FileIdentity(*(uint*)(answer + 136), *(uint*)(answer + 140), *(ulong*)(answer + 32));
    }
}
