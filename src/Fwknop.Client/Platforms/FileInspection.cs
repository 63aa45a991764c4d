using Fwknop.Configuration.Files;

namespace Fwknop.Client;

/// <summary>What is wrong with the kind, permissions or owner of a file (client.md 6.2).</summary>
/// <param name="Complaints">What the user should know; the file is used all the same.</param>
/// <param name="Problem">Why the file could not be looked at, other than because it is missing; or null.</param>
internal sealed record FileInspection(IReadOnlyList<string> Complaints, string? Problem = null)
{
    /// <summary>Nothing is wrong, or there is no such file.</summary>
    public static FileInspection Good { get; } = new([]);

    public static FileInspection Failed(string path, string reason) => new([], $"[-] stat() against file: {path} returned: {reason}");

    /// <summary>What the mode bits tell; 0400 is as good as 0600.</summary>
    public static IEnumerable<string> OfMode(string path, UnixFileMode mode)
    {
        const UnixFileMode readOnly = UnixFileMode.UserRead;
        return mode is readOnly or (readOnly | UnixFileMode.UserWrite) ? [] : [FileComplaint.NotPrivate(path)];
    }

    /// <summary>The outcome where looking at a file throws.</summary>
    public static FileInspection Of(string path, Exception exception) => exception is FileNotFoundException or DirectoryNotFoundException
        ? Good
        : Failed(path, FileError.Reason(exception));
}
