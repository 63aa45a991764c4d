using System.Runtime.InteropServices;
using Fwknop.Native.FileSystem;

namespace Fwknop.Client;

/// <summary>Complains about an rc file that others may read or own; it is used all the same (client.md 6.2).</summary>
internal static class RcPermissions
{
    private const int NoSuchFile = 2; // ENOENT

    /// <returns>False when the file cannot be looked at, other than because it is missing.</returns>
    public static bool Check(string path, Messages messages)
    {
        if (OperatingSystem.IsWindows())
        {
            return true;
        }

        int error = FileOwnership.TryGet(path, out FileOwnership file);
        if (error == NoSuchFile)
        {
            return true;
        }

        if (error != 0)
        {
            messages.Error($"[-] stat() against file: {path} returned: {Marshal.GetPInvokeErrorMessage(error)}");
            return false;
        }

        if (!file.IsRegular)
        {
            messages.Warning($"[-] file: {path} is not a regular file or symbolic link.");
        }

        const UnixFileMode readOnly = UnixFileMode.UserRead;
        if (file.Mode is not (readOnly or (readOnly | UnixFileMode.UserWrite)))
        {
            messages.Warning($"[-] file: {path} permissions should only be user read/write (0600, -rw-------)");
        }

        if (file.UserId != FileOwnership.RealUserId)
        {
            messages.Warning($"[-] file: {path} not owned by current effective user id");
        }

        return true;
    }
}
