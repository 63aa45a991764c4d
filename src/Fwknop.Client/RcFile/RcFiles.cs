namespace Fwknop.Client;

/// <summary>The files of an rc file, open and looked at, but not read yet.</summary>
/// <param name="location">Their paths; only the included files that are trusted.</param>
/// <param name="main">The main file; it may be missing.</param>
/// <param name="included">Those read after it, in order.</param>
internal sealed class RcFiles(RcLocation location, InspectedFile main, IReadOnlyList<InspectedFile> included) : IDisposable
{
    public RcLocation Location { get; } = location with { Included = [.. included.Select(file => file.Path)] };

    public InspectedFile Main { get; } = main;

    public IReadOnlyList<InspectedFile> Included { get; } = included;

    public void Dispose()
    {
        Main.Dispose();
        foreach (InspectedFile file in Included)
        {
            file.Dispose();
        }
    }
}
