using System.Runtime.Versioning;
using Microsoft.Win32.SafeHandles;

namespace Fwknop.Native.Libc;

/// <summary>Pipes for standard input, output and error of a child.</summary>
[SupportedOSPlatform("linux")]
internal sealed unsafe class ChildPipes : IDisposable
{
    private const int CloseOnExec = 0x80000; // O_CLOEXEC
    private const int CopyFrom = 1030; // F_DUPFD_CLOEXEC
    private const int FirstAfterStandard = 3;
    private const int Count = 3;

    private readonly SafeFileHandle[] _ofChild;

    private ChildPipes(SafeFileHandle[] ours, SafeFileHandle[] ofChild)
    {
        _ofChild = ofChild;
        Input = new FileStream(ours[0], FileAccess.Write, bufferSize: 0);
        Output = new FileStream(ours[1], FileAccess.Read, bufferSize: 0);
        Errors = new FileStream(ours[2], FileAccess.Read, bufferSize: 0);
    }

    public Stream Input { get; }

    public Stream Output { get; }

    public Stream Errors { get; }

    /// <summary>The child's end of the pipe that becomes its descriptor 0, 1 or 2; never one of these numbers itself.</summary>
    public int NumberInUs(int standard) => (int)_ofChild[standard].DangerousGetHandle();

    /// <summary>Null when there are no descriptors left.</summary>
    public static ChildPipes? TryOpen(out Errno error)
    {
        SafeFileHandle[] ours = new SafeFileHandle[Count];
        SafeFileHandle[] ofChild = new SafeFileHandle[Count];
        int* ends = stackalloc int[2];
        for (int standard = 0; standard < Count; standard++)
        {
            error = LibcFunctions.pipe2(ends, CloseOnExec) == 0 ? Errno.None : Errno.Last;
            if (error != Errno.None)
            {
                foreach (SafeFileHandle opened in ours.Concat(ofChild).Where(end => end is not null))
                {
                    opened.Dispose();
                }

                return null;
            }

            bool isInput = standard == 0;
            ours[standard] = Above(ends[isInput ? 1 : 0]);
            ofChild[standard] = Above(ends[isInput ? 0 : 1]);
        }

        error = Errno.None;
        return new ChildPipes(ours, ofChild);
    }

    /// <summary>To be called once the child has them, or it would never see the end of its input, nor we that of its output.</summary>
    public void CloseEndsOfChild() => Array.ForEach(_ofChild, end => end.Dispose());

    public void Dispose()
    {
        CloseEndsOfChild();
        Input.Dispose();
        Output.Dispose();
        Errors.Dispose();
    }

    // Where we were started without one of the standard three, its number is free, and would be overwritten in the child.
    private static SafeFileHandle Above(int end)
    {
        if (end >= FirstAfterStandard)
        {
            return new SafeFileHandle(end, ownsHandle: true);
        }

        using SafeFileHandle low = new(end, ownsHandle: true);
        return new SafeFileHandle(LibcFunctions.fcntl(end, CopyFrom, FirstAfterStandard), ownsHandle: true);
    }
}
