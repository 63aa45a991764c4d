using Fwknop.Configuration.Access;
using Fwknop.Configuration.Files;
using Fwknop.Native.FileSystem;
using Fwknop.Native.Libc;

namespace Fwknop.Daemon.Lifecycle;

/// <summary>What reading the configuration asks of the operating system.</summary>
internal static class NativeAccess
{
    public static AccessSystem System { get; } = new()
    {
        Probe = ProbeFile,
        OpenKeyFile = GuardedFile.OpenRegular,
        FindUser = name => Accounts.FindUser(name) is UserAccount user ? new CommandUser(name, user.Uid, user.Gid) : null,
        FindGroup = name => Accounts.FindGroup(name) is uint gid ? new CommandGroup(name, gid) : null,
    };

    public static FileFacts? ProbeFile(string path) =>
        FileOwnership.TryGet(path, out FileOwnership file, out _) ? new FileFacts(file.IsRegular, file.IsOurs, file.UserId == 0) : null;
}
