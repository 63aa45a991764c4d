using Fwknop.Configuration.Files;
using Fwknop.Native.FileSystem;

namespace Fwknop.Client;

/// <summary>Which files make up the rc file (client.md 6.1, 20).</summary>
/// <param name="Path">The main file, or a descriptor's path.</param>
/// <param name="Included">Files read after it, in order.</param>
internal sealed record RcLocation(string Path, IReadOnlyList<string> Included)
{
    /// <summary>The path that stands for standard input, also where no such file exists.</summary>
    public const string StandardInput = "/dev/stdin";

    // The reference refuses longer paths (client.md 15.3).
    private const int MaxPath = 1023;

    /// <summary>The content comes from a descriptor: it is read once, never created and never written.</summary>
    public bool IsDescriptor => DescriptorPath.Is(Path);

    /// <summary>Why the folder of further files cannot be looked through, or null; it then counts as empty.</summary>
    public string? FolderProblem { get; private init; }

    /// <summary>Reading it leaves nothing on standard input for keys.</summary>
    public bool IsStandardInput => DescriptorPath.NumberOf(Path) == 0;

    /// <summary>
    /// <c>--rc-file</c> (<c>-</c> is standard input); else <c>~/.fwknoprc</c>; else <c>fwknop/fwknoprc</c> in the configuration folder, if it
    /// exists. The files named <c>*.conf</c> in the folder of the same name with <c>.d</c> come after the latter two.
    /// </summary>
    /// <param name="settings">Names the file.</param>
    /// <param name="environment">Environment variables.</param>
    /// <param name="problem">What to print when there is none.</param>
    public static RcLocation? Find(Settings settings, Func<string, string?> environment, out string? problem)
    {
        string? home = settings.RcFile is null && !settings.NoHomeDirectory ? HomeFolder.Find(environment) : null;
        RcLocation? location = settings.RcFile is { } given ? Of(given)
            : home is not null ? InHome(home, environment)
            : null;
        problem = location is { Path.Length: <= MaxPath } ? null
            : location is not null ? "Warning: Path to .fwknoprc file is too long.\n No .fwknoprc file processed."
            : settings.NoHomeDirectory ? "Warning: in --no-home-dir mode, must set --rc-file path."
            : "Warning: Unable to determine HOME directory.\n No .fwknoprc file processed.";
        return problem is null ? location : null;
    }

    /// <summary>A file that the user named: it alone.</summary>
    public static RcLocation Of(string given) => new(given == "-" ? StandardInput : given, []);

    private static RcLocation InHome(string home, Func<string, string?> environment)
    {
        string classic = System.IO.Path.Join(home, ".fwknoprc");
        string folder = environment("XDG_CONFIG_HOME") is { } set && System.IO.Path.IsPathRooted(set) ? set : System.IO.Path.Join(home, ".config");
        string modern = System.IO.Path.Join(folder, "fwknop", "fwknoprc");
        string path = !File.Exists(classic) && File.Exists(modern) ? modern : classic;
        string[] files = FilesIn($"{path}.d", out string? problem);
        return new RcLocation(path, files) { FolderProblem = problem };
    }

    private static string[] FilesIn(string folder, out string? problem)
    {
        problem = null;
        if (!Directory.Exists(folder))
        {
            return [];
        }

        try
        {
            string[] files = [.. Directory.EnumerateFiles(folder, "*.conf").Where(file => !System.IO.Path.GetFileName(file).StartsWith('.'))];
            Array.Sort(files, StringComparer.Ordinal);
            return files;
        }
        catch (Exception e) when (FileError.IsFileError(e))
        {
            problem = $"Unable to open rc folder: {folder}: {FileError.Reason(e)}";
            return [];
        }
    }
}
