using System.Runtime.InteropServices;

namespace Fwknop.Native.Terminal;

/// <summary>The calls of glibc that a password prompt needs. All set errno.</summary>
internal static partial class TerminalCalls
{
    public const int OpenReadWrite = 0x2;
    public const int OpenNoControllingTerminal = 0x100;
    public const int OpenCloseOnExec = 0x80000;
    public const int Interrupted = 4; // EINTR

    [LibraryImport(Libraries.Libc, EntryPoint = "open", SetLastError = true)]
    public static unsafe partial int Open(byte* path, int flags);

    [LibraryImport(Libraries.Libc, EntryPoint = "read", SetLastError = true)]
    public static unsafe partial nint Read(int descriptor, byte* buffer, nint count);

    [LibraryImport(Libraries.Libc, EntryPoint = "write", SetLastError = true)]
    public static unsafe partial nint Write(int descriptor, byte* buffer, nint count);

    [LibraryImport(Libraries.Libc, EntryPoint = "tcgetattr", SetLastError = true)]
    public static unsafe partial int GetAttributes(int descriptor, TerminalAttributes* attributes);

    [LibraryImport(Libraries.Libc, EntryPoint = "tcsetattr", SetLastError = true)]
    public static unsafe partial int SetAttributes(int descriptor, int when, TerminalAttributes* attributes);
}
