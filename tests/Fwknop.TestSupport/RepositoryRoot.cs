namespace Fwknop.TestSupport;

/// <summary>The folder with the solution file, found from where the tests were built.</summary>
public static class RepositoryRoot
{
    public static string Path { get; } = Find();

    private static string Find()
    {
        for (DirectoryInfo? folder = new(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(System.IO.Path.Combine(folder.FullName, "Fwknop.slnx")))
            {
                return folder.FullName;
            }
        }

        throw new DirectoryNotFoundException($"No Fwknop.slnx in any folder above {AppContext.BaseDirectory}");
    }
}
