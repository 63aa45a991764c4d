namespace Fwknop.TestSupport;

/// <summary>The test vectors: those of the repository, or of the folder FWKNOP_VECTORS names (same schema).</summary>
public static class VectorFiles
{
    public const string Variable = "FWKNOP_VECTORS";

    public static string Folder { get; } = Environment.GetEnvironmentVariable(Variable) is { Length: > 0 } folder
        ? folder
        : Path.Combine(RepositoryRoot.Path, "tests", "Vectors");

    public static string PathOf(string name) => Path.Combine(Folder, name);
}
