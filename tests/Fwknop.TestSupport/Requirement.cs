namespace Fwknop.TestSupport;

/// <summary>What a test needs of the machine; a reason to skip when it is not there.</summary>
public static class Requirement
{
    private static readonly string[] Folders =
        [.. (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':'), "/usr/local/sbin", "/usr/sbin", "/sbin", "/usr/bin", "/bin"];

    internal static readonly Lazy<string?> WhyNotInterop = new(() => WhyNotRoot("ip", "iptables") ?? Reference.WhyMissing());

    /// <summary>Null when everything is there: root, and each program.</summary>
    public static string? WhyNotRoot(params IReadOnlyList<string> programs) =>
        !LibC.IsRoot ? "needs root (network namespaces)" : WhyNot(programs);

    public static string? WhyNot(params IReadOnlyList<string> programs)
    {
        string[] missing = [.. programs.Where(program => FindProgram(program) is null)];
        return missing.Length == 0 ? null : $"not installed: {string.Join(", ", missing)}";
    }

    /// <summary>Full path of a program, also of those in sbin folders a user's PATH lacks; null when there is none.</summary>
    public static string? FindProgram(string name) =>
        Folders.Where(folder => folder.Length > 0).Select(folder => Path.Combine(folder, name)).FirstOrDefault(File.Exists);
}
