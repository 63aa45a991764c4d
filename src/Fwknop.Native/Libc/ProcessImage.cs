using System.Runtime.InteropServices;
using System.Runtime.Versioning;

namespace Fwknop.Native.Libc;

/// <summary>The program that this process runs.</summary>
[SupportedOSPlatform("linux")]
public static class ProcessImage
{
    private const int BrokenPipe = 13;
    private const nint DefaultAction = 0;

    /// <summary>
    /// Runs another program in place of this one: same process, descriptors, terminal, environment. Returns only when it cannot.
    /// The runtime ignores SIGPIPE, which would be inherited; the program gets its default action, without which <c>program | head</c>
    /// would not end.
    /// </summary>
    /// <param name="path">The file; PATH is not searched.</param>
    /// <param name="arguments">The words of its command line, its own name first.</param>
    /// <returns>Why not.</returns>
    /// <exception cref="ArgumentException">A word holds a zero byte.</exception>
    public static unsafe Errno Replace(string path, IReadOnlyList<string> arguments)
    {
        byte[][] words = [.. arguments.Select(Descriptor.ToCString)];
        GCHandle[] pins = [.. words.Select(word => GCHandle.Alloc(word, GCHandleType.Pinned))];
        byte*[] pointers = new byte*[words.Length + 1];
        for (int i = 0; i < words.Length; i++)
        {
            pointers[i] = (byte*)pins[i].AddrOfPinnedObject();
        }

        Errno error;
        fixed (byte* file = Descriptor.ToCString(path))
        fixed (byte** start = pointers)
        {
            nint before = LibcFunctions.signal(BrokenPipe, DefaultAction);
            _ = LibcFunctions.execv(file, start);
            error = Errno.Last;
            _ = LibcFunctions.signal(BrokenPipe, before);
        }

        foreach (GCHandle pin in pins)
        {
            pin.Free();
        }

        return error;
    }
}
