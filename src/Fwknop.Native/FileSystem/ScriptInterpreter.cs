using System.Runtime.Versioning;
using System.Text;
using Fwknop.Native.Libc;

namespace Fwknop.Native.FileSystem;

/// <summary>The program that the kernel starts in place of a script: the first line of the file names it, behind <c>#!</c>.</summary>
[SupportedOSPlatform("linux")]
internal static class ScriptInterpreter
{
    /// <summary>What the kernel looks at (BINPRM_BUF_SIZE).</summary>
    private const int MaxLine = 256;

    /// <summary>Reads it.</summary>
    /// <param name="file">The absolute path.</param>
    /// <param name="user">Whose rights the file is opened with; null for ours.</param>
    /// <returns>Its path, for a program that begins in the folder <c>/</c>; null when the file is no script, or cannot be read.</returns>
    public static string? Find(string file, uint? user)
    {
        byte[] start = [];
        if (user is { } other)
        {
            EffectiveUser.Run(other, () => start = ReadStart(file));
        }
        else
        {
            start = ReadStart(file);
        }

        return Parse(start);
    }

    private static byte[] ReadStart(string file)
    {
        try
        {
            using OpenedFile? script = OpenedFile.TryOpen(file, out _);
            byte[] start = new byte[MaxLine];
            return script?.Ownership.IsRegular == true ? start[..script.Content.ReadAtLeast(start, MaxLine, throwOnEndOfStream: false)] : [];
        }
        catch (IOException)
        {
            return [];
        }
    }

    /// <summary>
    /// The kernel's own reading (binfmt_script): blanks, the path up to a blank or the end of the line, and perhaps an argument. What is longer than it reads
    /// is not judged.
    /// </summary>
    private static string? Parse(ReadOnlySpan<byte> start)
    {
        if (!start.StartsWith("#!"u8))
        {
            return null;
        }

        ReadOnlySpan<byte> path = start[2..].TrimStart(" \t"u8);
        int end = path.IndexOfAny(" \t\n\0"u8);
        if (end < 0 && start.Length == MaxLine)
        {
            return null;
        }

        path = end < 0 ? path : path[..end];
        return path.IsEmpty ? null : Path.GetFullPath(Encoding.UTF8.GetString(path), "/");
    }
}
