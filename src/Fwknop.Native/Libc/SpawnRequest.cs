using System.Runtime.InteropServices;
using System.Runtime.Versioning;

namespace Fwknop.Native.Libc;

/// <summary>
/// One call of posix_spawn(3). It is the C library that starts the program, for managed code cannot run between fork and exec; and it tells when the
/// program cannot be run.
/// </summary>
[SupportedOSPlatform("linux")]
internal sealed unsafe class SpawnRequest : IDisposable
{
    private const int ReadOnly = 0;
    private const int WriteOnly = 1;
    private const short DefaultSignals = 0x04; // POSIX_SPAWN_SETSIGDEF
    private const short SignalMask = 0x08; // POSIX_SPAWN_SETSIGMASK
    private const short OwnSession = 0x80; // POSIX_SPAWN_SETSID
    private const int CopyFrom = 1030; // F_DUPFD_CLOEXEC

    // Larger than posix_spawn_file_actions_t, posix_spawnattr_t and sigset_t of any C library.
    private const int OpaqueSize = 1024;

    private readonly ChildStart _start;
    private readonly ChildPipes? _pipes;
    private readonly byte* _actions = (byte*)NativeMemory.AllocZeroed(OpaqueSize);
    private readonly byte* _attributes = (byte*)NativeMemory.AllocZeroed(OpaqueSize);
    private readonly byte* _signals = (byte*)NativeMemory.AllocZeroed(OpaqueSize);
    private readonly Descriptor[] _lent;

    public SpawnRequest(ChildStart start, ChildPipes? pipes)
    {
        _start = start;
        _pipes = pipes;

        // Away from the numbers that the child's descriptors get; its own copy has the number that the child knows.
        int above = ChildProgram.FirstLent + start.Lent.Count;
        _lent = [.. start.Lent.Select(lent => new Descriptor(LibcFunctions.fcntl(lent.Number, CopyFrom, above), owned: true))];
        _ = LibcFunctions.posix_spawn_file_actions_init(_actions);
        _ = LibcFunctions.posix_spawnattr_init(_attributes);
    }

    /// <summary>Starts the program.</summary>
    /// <returns>Why it cannot be started.</returns>
    public Errno Run(out int id)
    {
        using WordArray words = new([_start.Path, .. _start.Arguments]);
        using WordArray environment = new(_start.Environment);
        int child = 0;
        int result = Describe();
        fixed (byte* path = Descriptor.ToCString(_start.Path))
        {
            result = result != 0 ? result : LibcFunctions.posix_spawn(&child, path, _actions, _attributes, words.Start, environment.Start);
        }

        id = child;
        return new Errno(result);
    }

    public void Dispose()
    {
        Array.ForEach(_lent, lent => lent.Dispose());
        _ = LibcFunctions.posix_spawn_file_actions_destroy(_actions);
        _ = LibcFunctions.posix_spawnattr_destroy(_attributes);
        NativeMemory.Free(_actions);
        NativeMemory.Free(_attributes);
        NativeMemory.Free(_signals);
    }

    /// <summary>The error number of the first step that fails, or 0.</summary>
    private int Describe()
    {
        int result = LibcFunctions.posix_spawnattr_setsigmask(_attributes, _signals);
        _ = LibcFunctions.sigfillset(_signals);
        result = First(result, LibcFunctions.posix_spawnattr_setsigdefault(_attributes, _signals));
        result = First(result, LibcFunctions.posix_spawnattr_setflags(_attributes, DefaultSignals | SignalMask | OwnSession));
        for (int standard = 0; standard < 3; standard++)
        {
            result = First(result, _pipes is null
                ? ConnectToNothing(standard)
                : LibcFunctions.posix_spawn_file_actions_adddup2(_actions, _pipes.NumberInUs(standard), standard));
        }

        for (int i = 0; i < _lent.Length; i++)
        {
            result = First(result, LibcFunctions.posix_spawn_file_actions_adddup2(_actions, _lent[i].Number, ChildProgram.FirstLent + i));
        }

        return First(First(result, CloseOthers()), ChangeFolder());
    }

    private static int First(int earlier, int error) => earlier != 0 ? earlier : error;

    private int ConnectToNothing(int standard)
    {
        fixed (byte* nothing = "/dev/null\0"u8)
        {
            return LibcFunctions.posix_spawn_file_actions_addopen(_actions, standard, nothing, standard == 0 ? ReadOnly : WriteOnly, 0);
        }
    }

    /// <summary>
    /// Libraries open descriptors that programs inherit, at any time: libnftables a netlink socket that is root's. Since glibc 2.34 the child itself closes
    /// them. Before, they are marked to be closed now, which all but what another thread opens in this moment is.
    /// </summary>
    private int CloseOthers()
    {
        if (HasFunction("posix_spawn_file_actions_addclosefrom_np"))
        {
            return LibcFunctions.posix_spawn_file_actions_addclosefrom_np(_actions, ChildProgram.FirstLent + _lent.Length);
        }

        CurrentProcess.KeepDescriptorsFromChildren();
        return 0;
    }

    // Since glibc 2.29. Before, the child stays in our folder; that of the daemon in the background is the same.
    private int ChangeFolder()
    {
        if (!HasFunction("posix_spawn_file_actions_addchdir_np"))
        {
            return 0;
        }

        fixed (byte* root = "/\0"u8)
        {
            return LibcFunctions.posix_spawn_file_actions_addchdir_np(_actions, root);
        }
    }

    private static bool HasFunction(string name) => NativeLibrary.TryGetExport(NativeLibrary.GetMainProgramHandle(), name, out _);
}
