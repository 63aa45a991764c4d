using System.Runtime.InteropServices;
using System.Runtime.Versioning;

namespace Fwknop.Native.Libc;

/// <summary>
/// The rights of another user for one action, as a process needs them that may change its user (CAP_SETUID), but may not signal those of others (CAP_KILL).
/// Only the effective user of one thread changes: real and saved one stay, and so that user may not signal or trace this process meanwhile.
/// </summary>
[SupportedOSPlatform("linux")]
internal static class EffectiveUser
{
    private const nint Unchanged = -1;

    // The C library's own function would change all threads.
    private static readonly nint SetResUid = RuntimeInformation.ProcessArchitecture == Architecture.X64 ? 117 : 147;

    /// <summary>Does it, on a thread that ends with it. Not done when the user cannot be taken on.</summary>
    public static void Run(uint user, Action action)
    {
        Thread thread = new(() =>
        {
            if (LibcFunctions.syscall(SetResUid, Unchanged, (nint)user, Unchanged, 0) == 0)
            {
                action();
            }
        });
        thread.Start();
        thread.Join();
    }
}
