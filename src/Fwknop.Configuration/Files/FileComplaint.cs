namespace Fwknop.Configuration.Files;

/// <summary>What both programs say about the kind, mode and owner of a file (client.md 6.2, server.md 2.2).</summary>
public static class FileComplaint
{
    /// <summary>It is a folder, device, pipe or socket.</summary>
    public static string NotRegular(string path) => $"[-] file: {path} is not a regular file or symbolic link.";

    /// <summary>Others than the owner may use it.</summary>
    public static string NotPrivate(string path) => $"[-] file: {path} permissions should only be user read/write (0600, -rw-------)";

    /// <summary>The same where an access list says who may.</summary>
    /// <param name="path">The file.</param>
    /// <param name="others">Their security identifiers.</param>
    public static string OpenTo(string path, IReadOnlyList<string> others) =>
        $"[-] file: {path} permissions should only be user read/write (others may use it: {string.Join(", ", others)})";

    /// <summary>It belongs to somebody else.</summary>
    public static string NotOwned(string path) => $"[-] file: {path} not owned by current effective user id";
}
