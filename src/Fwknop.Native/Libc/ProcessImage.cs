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
        using WordArray words = new(arguments);
        fixed (byte* file = Descriptor.ToCString(path))
        {
            nint before = LibcFunctions.signal(BrokenPipe, DefaultAction);
            _ = LibcFunctions.execv(file, words.Start);
            Errno error = Errno.Last;
            _ = LibcFunctions.signal(BrokenPipe, before);
            return error;
        }
    }
}
