using System.ComponentModel;
using System.Runtime.InteropServices;

using Microsoft.Win32.SafeHandles;

namespace Fwknop.TestSupport;

/// <summary>The three system calls the tests need and .NET does not offer.</summary>
internal static class LibC
{
    private const int CloneNewNet = 0x40000000;

    /// <summary>Moves the calling thread, and only it, into the network namespace.</summary>
    public static void EnterNetworkNamespace(SafeFileHandle handle)
    {
        if (setns(handle.DangerousGetHandle().ToInt32(), CloneNewNet) != 0)
        {
            throw new Win32Exception(Marshal.GetLastPInvokeError(), "setns");
        }
    }

    /// <summary>False when there is no such process any more.</summary>
    public static bool Kill(int processId, int signal)
    {
        const int NoSuchProcess = 3;

        if (kill(processId, signal) == 0)
        {
            return true;
        }

        int error = Marshal.GetLastPInvokeError();
        return error == NoSuchProcess ? false : throw new Win32Exception(error, $"kill {processId}");
    }

    public static bool IsRoot => geteuid() == 0;

#pragma warning disable IDE1006 // the names are the library's
    [DllImport("libc", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
    private static extern int setns(int descriptor, int kind);

    [DllImport("libc", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
    private static extern int kill(int processId, int signal);

    [DllImport("libc")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
    private static extern uint geteuid();
#pragma warning restore IDE1006
}
