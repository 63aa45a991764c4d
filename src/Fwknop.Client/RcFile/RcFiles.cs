namespace Fwknop.Client;

/// <summary>The files of an rc file, open and looked at, but not read yet.</summary>
internal sealed class RcFiles : IDisposable
{
    private RcFiles(RcLocation location, InspectedFile main, IReadOnlyList<InspectedFile> included)
    {
        Location = location with { Included = [.. included.Select(file => file.Path)] };
        Main = main;
        Included = included;
    }

    /// <summary>Their paths; only the included files that are trusted.</summary>
    public RcLocation Location { get; }

    /// <summary>The main file; it may be missing.</summary>
    public InspectedFile Main { get; }

    /// <summary>The main file was there before it was opened. When not, another client may have made it since.</summary>
    public required bool MainExists { get; init; }

    /// <summary>Those read after it, in order.</summary>
    public IReadOnlyList<InspectedFile> Included { get; }

    /// <summary>Files that are left out since others may write to them: what others put into the folder is not the user's word.</summary>
    public required List<(string Path, string OpenToOthers)> Untrusted { get; init; }

    /// <summary>Finds and opens them; says nothing of who may read and write them.</summary>
    /// <param name="settings">Names the main file.</param>
    /// <param name="environment">Where to look.</param>
    /// <param name="problem">Why there is none, else null.</param>
    public static RcFiles? Open(Settings settings, ClientEnvironment environment, out string? problem)
    {
        if (RcLocation.Find(settings, environment.Variable, out problem) is not { } location)
        {
            return null;
        }

        List<InspectedFile> included = [];
        List<(string Path, string OpenToOthers)> untrusted = [];
        foreach (string path in location.Included)
        {
            InspectedFile file = environment.Platform.Open(path, withFolder: true);
            if (file.OpenToOthers is { } culprit)
            {
                untrusted.Add((file.Path, culprit));
                file.Dispose();
            }
            else
            {
                included.Add(file);
            }
        }

        bool exists = location.IsDescriptor || Path.Exists(location.Path);
        return new RcFiles(location, environment.Platform.Open(location.Path), included) { MainExists = exists, Untrusted = untrusted };
    }

    public void Dispose()
    {
        Main.Dispose();
        foreach (InspectedFile file in Included)
        {
            file.Dispose();
        }
    }
}
