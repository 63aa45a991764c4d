using System.Globalization;
using Fwknop.TestSupport;

namespace Fwknop.EndToEnd.Tests;

/// <summary>
/// A systemd of its own on a root of its own (see boot-systemd.sh), with fwknopd as packaging/examples/fwknopd.service, in the network of a
/// namespace. Everything in it ends with it.
/// </summary>
internal sealed class SystemdContainer : IDisposable
{
    private const string Service = "fwknopd";
    private static readonly TimeSpan BootTime = TimeSpan.FromSeconds(60);

    private readonly TemporaryFolder _folder = new();
    private readonly string _group;
    private readonly RunningProcess _outside;
    private readonly int _init;

    /// <summary>Boots, and waits until all that starts by itself has been started; fwknopd has not.</summary>
    public SystemdContainer(NetworkNamespace network, string configuration, string access)
    {
        _folder.Write("etc/fwknop/fwknopd.conf", configuration);
        _folder.Write("etc/fwknop/access.conf", access);
        _group = Path.GetFileName(_folder.Path);
        _outside = network.Start(
            "unshare",
            "--pid",
            "--fork",
            "--kill-child",
            "--mount",
            "--uts",
            "--ipc",
            Path.Combine(RepositoryRoot.Path, "tests/Fwknop.EndToEnd.Tests/boot-systemd.sh"),
            _folder.Path,
            Programs.Folder,
            Path.Combine(RepositoryRoot.Path, "packaging/examples/fwknopd.service"),
            _group);
        try
        {
            Deadline.WaitUntil(() => _outside.HasExited || _outside.Children().Count > 0, BootTime, "the first process");
            _init = _outside.Children().Single();
            Deadline.WaitUntil(() => _outside.HasExited || Run("systemctl", "is-system-running").Output == "running", BootTime, "systemd runs");
        }
        catch
        {
            string said = _outside.Describe();
            Dispose();
            throw new InvalidOperationException(said);
        }
    }

    public int MainProcess => int.Parse(Property("MainPID"), CultureInfo.InvariantCulture);

    /// <summary>All lines of the service in the journal, as objects, one a line.</summary>
    public string Journal => Run("journalctl", "--no-pager", "--quiet", "--unit", Service, "--output", "json").Output;

    /// <summary>systemctl VERB fwknopd, which must succeed.</summary>
    public void Control(string verb)
    {
        ProcessRun run = Run("systemctl", verb, Service);
        Assert.True(run.ExitCode == 0, run.Errors + Journal);
    }

    /// <summary>Value of a property of the service.</summary>
    public string Property(string name) => Run("systemctl", "show", "--property", name, "--value", Service).Output.TrimEnd();

    /// <summary>Runs a program inside.</summary>
    public ProcessRun Run(params IReadOnlyList<string> words) => ProcessRun.Run(
        "nsenter", ["--target", _init.ToString(CultureInfo.InvariantCulture), "--all", "--wd=/", .. words]);

    public void WaitFor(string property, string value) =>
        Deadline.WaitUntil(() => Property(property) == value, TimeSpan.FromSeconds(20), $"{property}={value}\n{Journal}");

    public void Dispose()
    {
        _outside.Dispose();
        Deadline.WaitUntil(() => _init == 0 || !ProcessTable.Exists(_init), TimeSpan.FromSeconds(10), "the end of systemd");
        ProcessRun.RunChecked(new ProcessCommand(
            "unshare",
            "--mount",
            "sh",
            "-c",
            """mkdir -p "$0/groups" && mount -t cgroup2 cgroup2 "$0/groups" && find "$0/groups/$1" -depth -type d -exec rmdir {} +""",
            _folder.Path,
            _group));
        _folder.Dispose();
    }
}
