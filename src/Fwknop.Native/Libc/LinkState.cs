namespace Fwknop.Native.Libc;

/// <summary>Whether a network interface exists and is set up.</summary>
public enum LinkState
{
    Absent = 0,
    Down,
    Up,
}
