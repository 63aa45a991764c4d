using System.Globalization;

namespace Fwknop.Native.FileSystem;

/// <summary>
/// The paths by which a shell hands over a descriptor (<c>&lt;(command)</c>, <c>/dev/stdin</c>). What was handed over is meant, whoever
/// made it and whatever it is.
/// </summary>
public static class DescriptorPath
{
    private static readonly string[] Folders = ["/dev/fd/", "/proc/self/fd/"];

    /// <summary>True for the path of a descriptor.</summary>
    public static bool Is(string path) => NumberOf(path) is not null;

    /// <summary>The descriptor that a path names; null for any other path.</summary>
    public static int? NumberOf(string path)
    {
        ArgumentNullException.ThrowIfNull(path);
        return path switch
        {
            "/dev/stdin" => 0,
            "/dev/stdout" => 1,
            "/dev/stderr" => 2,
            _ when Array.Find(Folders, folder => path.StartsWith(folder, StringComparison.Ordinal)) is { } folder
                && int.TryParse(path.AsSpan(folder.Length), NumberStyles.None, CultureInfo.InvariantCulture, out int number) => number,
            _ => null,
        };
    }
}
