using System.Globalization;

namespace Fwknop.Daemon.Programs;

/// <summary>setpriv(1): starts a program as another user, and with fewer rights.</summary>
internal static class Setpriv
{
    public const string Program = "/usr/bin/setpriv";

    /// <summary>Why it cannot be used; null when it can.</summary>
    public static string? WhyMissing => File.Exists(Program) ? null : $"{Program} (package util-linux) is missing";

    /// <summary>What makes a program another user without any right but these, and without a way to get more.</summary>
    /// <param name="user">The user.</param>
    /// <param name="group">The only group.</param>
    /// <param name="capabilities">By setpriv's names.</param>
    public static IReadOnlyList<string> Confine(uint user, uint group, IReadOnlyList<string> capabilities)
    {
        string kept = string.Join(",+", ["-all", .. capabilities]);
        return
        [
            string.Create(CultureInfo.InvariantCulture, $"--reuid={user}"),
            string.Create(CultureInfo.InvariantCulture, $"--regid={group}"),
            "--clear-groups",
            "--no-new-privs",
            $"--inh-caps={kept}",
            $"--ambient-caps={kept}",
            $"--bounding-set={kept}",
            "--",
        ];
    }
}
