using System.Globalization;
using System.Runtime.Versioning;
using Fwknop.Native.Libc;
using Microsoft.Win32.SafeHandles;

namespace Fwknop.Native.FileSystem;

/// <summary>
/// Files of other users, opened so that whoever owns the place gains nothing by what he puts there: a symbolic link, in the place of the file or
/// of a folder of its path, or another name of a file that he may not read, a pipe that nobody writes to, a device that does something when it is opened.
/// </summary>
[SupportedOSPlatform("linux")]
public static class GuardedFile
{
    private const int PathOnly = 0x200000; // O_PATH
    private const int NoTerminal = 0x100; // O_NOCTTY
    private const int NonBlocking = 0x800; // O_NONBLOCK

    /// <summary>Opens a regular file that has one name, for reading. Needs /proc.</summary>
    /// <param name="path">The file.</param>
    /// <param name="problem">Why it is not opened.</param>
    /// <returns>The open file, which the caller disposes, or null.</returns>
    public static SafeFileHandle? OpenRegular(string path, out string problem)
    {
        using SafeFileHandle? place = Find(path, out problem)?.ToFileHandle();
        if (place is null)
        {
            return null;
        }

        // So far nothing is opened but the name; what it leads to can no longer be exchanged.
        FileOwnership facts = FileOwnership.Of(place);
        if (!facts.IsRegular || facts.LinkCount > 1)
        {
            problem = facts.IsRegular ? "It has more than one name (hard links)" : "It is a symbolic link, or not a regular file";
            return null;
        }

        string name = "/proc/self/fd/" + place.DangerousGetHandle().ToString(CultureInfo.InvariantCulture);
        SafeFileHandle? file = Descriptor.Open(name, NoTerminal | NonBlocking, 0, out Errno error)?.ToFileHandle();
        problem = error.Text;
        return file;
    }

    /// <summary>Follows the path folder by folder. The last part may be anything; null where the way to it is not one of folders alone.</summary>
    private static Descriptor? Find(string path, out string problem)
    {
        problem = "";
        string walked = path.StartsWith('/') ? "/" : ".";
        Descriptor? place = Descriptor.Open(walked, PathOnly, 0, out Errno error);
        foreach (string part in path.Split('/', StringSplitOptions.RemoveEmptyEntries))
        {
            using Descriptor? folder = place;
            if (folder is not null && FileOwnership.Of(folder).IsLink)
            {
                problem = $"'{walked}' in its path is a symbolic link; name the path without it";
                return null;
            }

            walked = Path.Join(walked, part);
            place = folder is null ? null : Descriptor.OpenAt(folder, part, PathOnly | Descriptor.NoFollow, out error);
        }

        problem = place is null ? error.Text : "";
        return place;
    }
}
