namespace Fwknop.Native.Libc;

/// <summary>statx(2): what the kernel knows of a file.</summary>
internal static unsafe class FileStatus
{
    private const int CurrentDirectory = -100; // AT_FDCWD
    private const int EmptyPath = 0x1000; // AT_EMPTY_PATH
    private const uint BasicStatus = 0x7ff; // STATX_BASIC_STATS

    /// <summary>Symbolic links are followed.</summary>
    public static bool TryGet(string path, out LibcFunctions.FileStatusEntry status, out Errno error) =>
        TryAsk(CurrentDirectory, path, 0, out status, out error);

    /// <summary>The status of an open file.</summary>
    public static bool TryGet(Descriptor file, out LibcFunctions.FileStatusEntry status, out Errno error)
    {
        var referenced = false;
        file.DangerousAddRef(ref referenced);
        try
        {
            return TryAsk((int)file.DangerousGetHandle(), "", EmptyPath, out status, out error);
        }
        finally
        {
            file.DangerousRelease();
        }
    }

    private static bool TryAsk(int directory, string path, int flags, out LibcFunctions.FileStatusEntry status, out Errno error)
    {
        LibcFunctions.FileStatusEntry answer = default;
        fixed (byte* name = Descriptor.ToCString(path))
        {
            var done = LibcFunctions.statx(directory, name, flags, BasicStatus, &answer) == 0;
            error = done ? Errno.None : Errno.Last;
            status = answer;
            return done;
        }
    }
}
