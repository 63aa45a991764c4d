namespace Fwknop.TestSupport;

/// <summary>The original fwknop of the distribution, in both roles.</summary>
public static class Reference
{
    public const string ClientProgram = "/usr/bin/fwknop";

    public const string DaemonProgram = "/usr/sbin/fwknopd";

    /// <summary>Null when both are installed; else why the test is skipped.</summary>
    public static string? WhyMissing() => WhyMissing(ClientProgram, "fwknop-client") ?? WhyMissing(DaemonProgram, "fwknop-server");

    public static SpaDaemon StartDaemon(NetworkNamespace space, DaemonSetup setup) => SpaDaemon.Start(DaemonProgram, space, setup);

    public static SpaClient Client(NetworkNamespace space) => new(ClientProgram, space);

    /// <summary>The reference, and not this project's own program installed in its place.</summary>
    private static string? WhyMissing(string program, string package)
    {
        if (!File.Exists(program))
        {
            return $"the reference {program} is not installed (Debian package {package})";
        }

        // Not by running it: the client would write into the home folder.
        string version = ProcessRun.Run("dpkg-query", "--show", "--showformat=${Version}", package).Output;
        return version.StartsWith("2.6.", StringComparison.Ordinal) && ProcessRun.Run("dpkg", "-S", program).ExitCode == 0
            ? null
            : $"{program} is of version '{version}' and does not come from the Debian package {package} 2.6";
    }
}
