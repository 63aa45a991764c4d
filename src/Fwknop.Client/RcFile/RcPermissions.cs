using Fwknop.Configuration.Files;
using Fwknop.Native.FileSystem;
using Fwknop.Native.Libc;

namespace Fwknop.Client;

/// <summary>Complains about an rc file that others may read or own; it is used all the same (client.md 6.2).</summary>
internal static class RcPermissions
{
    /// <returns>False when the file cannot be looked at, other than because it is missing.</returns>
    public static bool Check(string path, Messages messages)
    {
        if (OperatingSystem.IsWindows())
        {
            return true;
        }

        if (!FileOwnership.TryGet(path, out FileOwnership file, out Errno error))
        {
            if (!error.IsNoSuchFile)
            {
                messages.Error($"[-] stat() against file: {path} returned: {error.Text}");
            }

            return error.IsNoSuchFile;
        }

        if (!file.IsRegular)
        {
            messages.Warning(FileComplaint.NotRegular(path));
        }

        const UnixFileMode readOnly = UnixFileMode.UserRead;
        if (file.Mode is not (readOnly or (readOnly | UnixFileMode.UserWrite)))
        {
            messages.Warning(FileComplaint.NotPrivate(path));
        }

        if (!file.IsOurs)
        {
            messages.Warning(FileComplaint.NotOwned(path));
        }

        return true;
    }
}
