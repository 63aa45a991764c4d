using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Fwknop.Native.Terminal;

/// <summary><c>struct termios</c> of glibc on Linux, 60 bytes on every architecture .NET runs on.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct TerminalAttributes
{
    public const int SetAndFlush = 2; // TCSAFLUSH
    public const uint Signals = 0x1; // ISIG
    public const uint LineMode = 0x2; // ICANON
    public const uint Echo = 0x8; // ECHO
    public const int MinimumBytes = 6; // VMIN
    public const int Time = 5; // VTIME

    public uint InputFlags;
    public uint OutputFlags;
    public uint ControlFlags;
    public uint LocalFlags;
    public byte LineDiscipline;
    public ControlCharacters Characters;
    public uint InputSpeed;
    public uint OutputSpeed;

    [InlineArray(32)]
    public struct ControlCharacters
    {
        private byte _first;
    }
}
