using System.Diagnostics;
using System.Reflection;

namespace Fwknop.TestSupport;

/// <summary>
/// The programs under test: those in the folder FWKNOP_BIN names (as <c>./build</c> makes them), else what the build put
/// into the projects' own output, gathered in one folder as an installation has them.
/// </summary>
public static class Programs
{
    public const string Variable = "FWKNOP_BIN";

    /// <summary>Ready-to-run files as users get them; otherwise every start compiles first.</summary>
    public static bool ArePublished => Environment.GetEnvironmentVariable(Variable) is { Length: > 0 };

    private static readonly Lazy<string> LazyFolder = new(FindFolder);

    public static string Folder => LazyFolder.Value;

    public static string Client => Path.Combine(Folder, "fwknop");

    public static string Daemon => Path.Combine(Folder, "fwknopd");

    public static string Listener => Path.Combine(Folder, "fwknopd-listener");

    private static string FindFolder() =>
        Environment.GetEnvironmentVariable(Variable) is { Length: > 0 } folder ? CheckedFolder(folder) : Gather();

    private static string CheckedFolder(string folder) =>
        File.Exists(Path.Combine(folder, "fwknopd"))
            ? Path.GetFullPath(folder)
            : throw new FileNotFoundException($"{Variable} is '{folder}', where there is no fwknopd.");

    /// <summary>The three outputs share their libraries, so one folder can hold them; the listener's user must be able to read it.</summary>
    private static string Gather()
    {
        DirectoryInfo target = Directory.CreateTempSubdirectory("fwknop-programs-");
        AppDomain.CurrentDomain.ProcessExit += (_, _) => target.Delete(recursive: true);
        foreach (string project in new[] { "Fwknop.Client", "Fwknop.Listener", "Fwknop.Daemon" })
        {
            string output = Path.Combine(RepositoryRoot.Path, "src", project, "bin", BuildConfiguration(), TargetFolder());
            foreach (string file in Directory.GetFiles(output))
            {
                File.Copy(file, Path.Combine(target.FullName, Path.GetFileName(file)), overwrite: true);
            }
        }

        File.SetUnixFileMode(target.FullName, File.GetUnixFileMode(target.FullName)
            | UnixFileMode.GroupRead | UnixFileMode.GroupExecute | UnixFileMode.OtherRead | UnixFileMode.OtherExecute);
        return target.FullName;
    }

    private static string BuildConfiguration() =>
        typeof(Programs).Assembly.GetCustomAttribute<AssemblyConfigurationAttribute>()?.Configuration
        ?? throw new UnreachableException("The build writes the configuration into every assembly.");

    private static string TargetFolder() => Path.GetFileName(AppContext.BaseDirectory.TrimEnd('/'));
}
