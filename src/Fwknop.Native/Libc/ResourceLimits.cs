using System.Runtime.Versioning;

namespace Fwknop.Native.Libc;

/// <summary>What a process may use at most (setrlimit(2)); what it starts from then on may use as much each.</summary>
[SupportedOSPlatform("linux")]
public sealed unsafe record ResourceLimits
{
    // RLIMIT_CPU, RLIMIT_FSIZE, RLIMIT_CORE and RLIMIT_AS.
    private const int Cpu = 0;
    private const int FileSize = 1;
    private const int Core = 4;
    private const int AddressSpace = 9;

    /// <summary>Time of the processor, in seconds; then it is ended.</summary>
    public required ulong CpuSeconds { get; init; }

    /// <summary>Bytes of memory; more it does not get.</summary>
    public required ulong MemoryBytes { get; init; }

    /// <summary>Bytes of a file that it writes; then it is ended.</summary>
    public required ulong FileBytes { get; init; }

    /// <summary>Bytes of the core dump that it leaves when it crashes.</summary>
    public ulong CoreBytes { get; init; }

    /// <summary>Sets them. Those that are lower already stay.</summary>
    /// <param name="process">A process of our own user. For one that has ended there is nothing to do.</param>
    /// <param name="error">Why they cannot be set.</param>
    public bool TryApply(int process, out Errno error)
    {
        error = Errno.None;
        foreach ((int resource, ulong value) in (ReadOnlySpan<(int, ulong)>)[(Cpu, CpuSeconds), (FileSize, FileBytes), (Core, CoreBytes), (AddressSpace, MemoryBytes)])
        {
            LibcFunctions.ResourceLimit present;
            bool isKnown = LibcFunctions.prlimit(process, resource, null, &present) == 0;
            LibcFunctions.ResourceLimit wanted = new() { Soft = Math.Min(value, present.Soft), Hard = Math.Min(value, present.Hard) };
            if (!isKnown || LibcFunctions.prlimit(process, resource, &wanted, null) != 0)
            {
                error = Errno.Last.Code == Errno.NoSuchProcess ? Errno.None : Errno.Last;
                return error == Errno.None;
            }
        }

        return true;
    }
}
