using System.Runtime.InteropServices;
using System.Text;

namespace Fwknop.Native.FileSystem;

/// <summary>Who owns a file and what it is; symbolic links are followed.</summary>
/// <param name="Mode">The permission bits, 0 to 0777.</param>
/// <param name="UserId">The owner.</param>
/// <param name="IsRegular">False for folders, devices, pipes and sockets.</param>
public readonly record struct FileOwnership(UnixFileMode Mode, uint UserId, bool IsRegular)
{
    private const int TypeMask = 0xf000; // S_IFMT
    private const int Regular = 0x8000; // S_IFREG
    private const int Permissions = 0x1ff;

    /// <summary>The user this process was started by.</summary>
    public static uint RealUserId => FileSystemCalls.GetRealUserId();

    /// <summary>Looks at a file.</summary>
    /// <param name="path">The path.</param>
    /// <param name="ownership">What was found.</param>
    /// <returns>0, or the error number of the system: 2 when there is no such file.</returns>
    public static unsafe int TryGet(string path, out FileOwnership ownership)
    {
        ownership = default;
        byte[] name = Encoding.UTF8.GetBytes(path + '\0');
        FileSystemCalls.StatusBuffer status;
        fixed (byte* start = name)
        {
            if (FileSystemCalls.GetStatus(FileSystemCalls.CurrentFolder, start, 0, FileSystemCalls.BasicStatus, &status) != 0)
            {
                return Marshal.GetLastPInvokeError();
            }
        }

        ownership = new FileOwnership((UnixFileMode)(status.Mode & Permissions), status.UserId, (status.Mode & TypeMask) == Regular);
        return 0;
    }
}
