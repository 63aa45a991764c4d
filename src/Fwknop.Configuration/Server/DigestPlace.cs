namespace Fwknop.Configuration.Server;

/// <summary>
/// Where the record of packets is when DIGEST_FILE is not set: as in the reference in the run directory, unless that is one that a reboot empties,
/// which would let packets be used again. Then it is below /var/lib, under the same name.
/// </summary>
internal static class DigestPlace
{
    private const string FileName = "digest.cache";
    private const string Lasting = "/var/lib";

    private static readonly string[] Emptied = ["/run", "/var/run"];

    /// <summary>The place that belongs to a run directory.</summary>
    public static string Of(string runDirectory) => Path.Join(FolderOf(runDirectory), FileName);

    /// <summary>The folder for all that must outlive a reboot.</summary>
    public static string FolderOf(string runDirectory)
    {
        string plain = Path.TrimEndingDirectorySeparator(runDirectory);
        string? root = Emptied.FirstOrDefault(folder => plain.StartsWith(folder + "/", StringComparison.Ordinal));
        return root is null ? runDirectory : Path.Join(Lasting, plain[root.Length..]);
    }

    /// <summary>Its place in the reference.</summary>
    public static string Classic(string runDirectory) => Path.Join(runDirectory, FileName);
}
