using Fwknop.TestSupport;

namespace Fwknop.EndToEnd.Tests;

/// <summary>A test that boots systemd in namespaces of its own; skipped, saying so, where that cannot be done.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class SystemdFactAttribute : FactAttribute
{
    private static readonly Lazy<string?> WhyNotMount = new(FindWhyNotMount);

    public SystemdFactAttribute()
    {
        Skip = Requirement.WhyNotRoot("ip", "nft", "systemctl", "unshare", "nsenter", "setpriv", "pivot_root")
            ?? (File.Exists("/lib/systemd/systemd") ? WhyNotMount.Value : "not installed: systemd");
    }

    /// <summary>Containers are often allowed neither.</summary>
    private static string? FindWhyNotMount()
    {
        using TemporaryFolder folder = new();
        ProcessRun run = ProcessRun.Run(
            "unshare",
            "--mount",
            "sh",
            "-c",
            """
            set -e
            mount -t cgroup2 cgroup2 "$0"
            mkdir "$0/fwknop-test-$$"
            rmdir "$0/fwknop-test-$$"
            umount "$0"
            mount -t tmpfs tmpfs "$0"
            mkdir "$0/upper" "$0/work" "$0/usr"
            mount -t overlay -o "lowerdir=/usr,upperdir=$0/upper,workdir=$0/work" overlay "$0/usr"
            """,
            folder.Path);
        return run.ExitCode == 0 ? null : $"systemd cannot be booted: {run.Errors}";
    }
}
