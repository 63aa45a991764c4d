using System.Runtime.InteropServices;
using System.Runtime.Versioning;

namespace Fwknop.Native.Libc;

/// <summary>
/// Looks users and groups up where the system keeps them (NSS: files, LDAP, …). Null: there is none. A database that cannot be asked throws
/// <see cref="IOException"/>: "no such user" would be a wrong answer.
/// </summary>
[SupportedOSPlatform("linux")]
public static unsafe class Accounts
{
    private const int FirstBuffer = 1024;
    private const int LargestBuffer = 1 << 20;

    public static UserAccount? FindUser(string name)
    {
        fixed (byte* key = Descriptor.ToCString(name))
        {
            byte* pinned = key;
            return FindUser((entry, buffer, length, result) => LibcFunctions.getpwnam_r(pinned, entry, buffer, length, result));
        }
    }

    public static UserAccount? FindUser(uint uid) =>
        FindUser((entry, buffer, length, result) => LibcFunctions.getpwuid_r(uid, entry, buffer, length, result));

    /// <summary>The number of a group; null: there is none.</summary>
    public static uint? FindGroup(string name)
    {
        fixed (byte* key = Descriptor.ToCString(name))
        {
            for (int size = FirstBuffer; ; size *= 2)
            {
                fixed (byte* buffer = new byte[size])
                {
                    LibcFunctions.GroupEntry entry;
                    LibcFunctions.GroupEntry* result;
                    if (IsComplete(LibcFunctions.getgrnam_r(key, &entry, buffer, (nuint)size, &result), size))
                    {
                        return result is null ? null : result->Gid;
                    }
                }
            }
        }
    }

    private delegate int UserQuery(LibcFunctions.PasswdEntry* entry, byte* buffer, nuint length, LibcFunctions.PasswdEntry** result);

    private static UserAccount? FindUser(UserQuery query)
    {
        for (int size = FirstBuffer; ; size *= 2)
        {
            fixed (byte* buffer = new byte[size])
            {
                LibcFunctions.PasswdEntry entry;
                LibcFunctions.PasswdEntry* result;
                if (IsComplete(query(&entry, buffer, (nuint)size, &result), size))
                {
                    return result is null
                        ? null
                        : new UserAccount(Text(result->Name), result->Uid, result->Gid, Text(result->Directory), Text(result->Shell));
                }
            }
        }
    }

    /// <summary>False: ask again with a larger buffer. "Not found" comes as 0, or as one of these numbers (getpwnam(3)).</summary>
    private static bool IsComplete(int error, int size) => error switch
    {
        0 or Errno.NoSuchFile or Errno.NoSuchProcess => true,
        Errno.BufferTooSmall when size < LargestBuffer => false,
        Errno.Interrupted => false,
        _ => throw new IOException("account database: " + new Errno(error).Text),
    };

    private static string Text(byte* text) => Marshal.PtrToStringUTF8((nint)text) ?? "";
}
