namespace Fwknop.Native.Libc;

/// <summary>What became of an attempt to lock a file.</summary>
public enum LockOutcome
{
    Failed = 0,
    Acquired,
    HeldElsewhere,
}
