using System.ComponentModel;
using System.Runtime.ExceptionServices;
using System.Runtime.InteropServices;
using Fwknop.TestSupport;

namespace Fwknop.Daemon.Tests;

/// <summary>
/// Runs code on a thread that has a mount namespace of its own, with a folder that holds 8 KiB. Nobody else sees the mount, and it is gone
/// when the thread ends.
/// </summary>
internal static class SmallDisk
{
    private const int CloneNewNamespace = 0x20000;

    public static void Run(Action<string> code)
    {
        using TemporaryFolder folder = new();
        ExceptionDispatchInfo? failure = null;
        Thread thread = new(() =>
        {
            try
            {
                Mount(folder.Path);
                code(folder.Path);
            }
#pragma warning disable CA1031 // handed to the caller's thread, whatever it is
            catch (Exception exception)
#pragma warning restore CA1031
            {
                failure = ExceptionDispatchInfo.Capture(exception);
            }
        });
        thread.Start();
        thread.Join();
        failure?.Throw();
    }

    private static void Mount(string folder)
    {
        if (unshare(CloneNewNamespace) != 0)
        {
            throw new Win32Exception(Marshal.GetLastPInvokeError(), "unshare");
        }

        // Programs started from here are born into this thread's namespace.
        ProcessRun.RunChecked(new ProcessCommand("mount", "--make-rprivate", "/"));
        ProcessRun.RunChecked(new ProcessCommand("mount", "-t", "tmpfs", "-o", "size=8k,mode=700", "tmpfs", folder));
    }

#pragma warning disable IDE1006 // the name is the library's
    [DllImport("libc", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
    private static extern int unshare(int flags);
#pragma warning restore IDE1006
}
