using System.Diagnostics;
using System.Globalization;
using System.Text.RegularExpressions;
using Fwknop.TestSupport;

namespace Fwknop.EndToEnd.Tests;

/// <summary>packaging/examples/fwknopd.service: how much it takes away, and that the daemon works with what is left.</summary>
public sealed class ServiceUnitTests
{
    private static readonly string UnitFile = Path.Combine(RepositoryRoot.Path, "packaging/examples/fwknopd.service");

    [ProgramFact("systemd-analyze")]
    public void Exposes_little()
    {
        ProcessRun run = ProcessRun.Run("systemd-analyze", "security", "--offline=true", "--no-pager", UnitFile);

        Match level = Regex.Match(run.Output, "Overall exposure level for fwknopd.service: ([0-9.]+)");
        Assert.True(level.Success, run.Output + run.Errors);
        Assert.InRange(double.Parse(level.Groups[1].ValueSpan, CultureInfo.InvariantCulture), 0, 2.5);
        Assert.Equal("", run.Errors);
    }

    [RootTheory("nft", "iptables", "setpriv", "mount")]
    [InlineData(Firewall.NftablesGuard)]
    [InlineData(Firewall.Iptables)]
    public void Works_with_its_capabilities_and_its_view_of_processes(Firewall firewall)
    {
        using var site = new Site(firewall);
        using var folder = new TemporaryFolder();
        string program = WriteService(folder);
        using SyslogServer notify = SyslogServer.Start(folder.FilePath("notify"));
        using SpaDaemon daemon = SpaDaemon.Start(program, site.Network.Server, site.Setup("FW_ACCESS_TIMEOUT 60\n") with
        {
            Environment = new Dictionary<string, string?> { ["NOTIFY_SOCKET"] = folder.FilePath("notify"), ["WATCHDOG_USEC"] = "200000" },
        });
        notify.WaitFor("READY=1\nSTATUS=Waiting for packets");
        notify.WaitFor("WATCHDOG=1", after: 3);

        daemon.GrantAfter("tcp/22", () => site.Knock());
        Assert.Equal(ProbeResult.Open, site.Probe());
        daemon.LogAfter("Starting fwknopd main event loop.", () => daemon.Process.Send(Signal.Hangup));
        notify.WaitFor("STATUS=Reading the configuration");
        notify.WaitFor("READY=1\nSTATUS=Waiting for packets", after: 1);
        daemon.GrantAfter("tcp/80", () => site.Knock("tcp/80"));

        Assert.Equal(0, daemon.Stop());
        notify.WaitFor("STATUS=Shutting down");
        site.AssertNothingLeft();
    }

    /// <summary>It ignores what it can, and has left a child in another session. The next command of the stanza has its turn.</summary>
    [RootFact("nft", "setpriv", "mount", "setsid")]
    public void Ends_commands_of_other_users_without_the_right_to_kill()
    {
        using var site = new Site(Firewall.NftablesGuard);
        using var folder = new TemporaryFolder();
        string command = folder.WriteProgram("hang", "#!/bin/sh\ntrap '' TERM HUP INT\nsleep 612 & wait\n");
        File.SetUnixFileMode(folder.Path, (UnixFileMode)0x1ed);
        File.SetUnixFileMode(command, (UnixFileMode)0x1ed);
        using SpaDaemon daemon = SpaDaemon.Start(
            WriteService(folder), site.Network.Server, site.Setup("ENABLE_CMD_EXEC Y\nCMD_EXEC_USER nobody\n", "CMD_EXEC_TIMEOUT 2\n"));

        daemon.LogAfter("did not end within 2 s and was killed", () => site.Command(Programs.Client, command));
        daemon.LogAfter("CMD_EXEC: command returned 0, pid_status: 0", () => site.Command(Programs.Client, "true"));

        Assert.DoesNotContain("sleep 612", ProcessRun.Run("ps", "-eo", "args").Output, StringComparison.Ordinal);
        Assert.Equal(0, daemon.Stop());
    }

    /// <summary>One that has become another user by itself, of whom fwknopd does not know.</summary>
    [RootFact("nft", "setpriv", "mount")]
    public void Goes_on_when_a_command_cannot_be_killed()
    {
        using var site = new Site(Firewall.NftablesGuard);
        using var folder = new TemporaryFolder();
        using SpaDaemon daemon = SpaDaemon.Start(
            WriteService(folder), site.Network.Server, site.Setup("ENABLE_CMD_EXEC Y\n", "CMD_EXEC_TIMEOUT 2\n"));

        string line = daemon.LogAfter(
            @"did not end within 2 s and cannot be killed \(Operation not permitted\); it goes on \(pid=\d+\)",
            () => site.Command(Programs.Client, "setpriv --reuid=65534 --regid=65534 --clear-groups sleep 613"));
        using Process left = Process.GetProcessById(int.Parse(Regex.Match(line, @"pid=(\d+)").Groups[1].ValueSpan, CultureInfo.InvariantCulture));
        try
        {
            daemon.LogAfter("CMD_EXEC: command returned 0, pid_status: 0", () => site.Command(Programs.Client, "true"));
            Assert.Equal(0, daemon.Stop());
        }
        finally
        {
            left.Kill();
        }
    }

    /// <summary>A program that starts the daemon as the unit does, in the mount namespace that ends with the daemon.</summary>
    private static string WriteService(TemporaryFolder folder)
    {
        string capabilities = string.Join(",", Value("CapabilityBoundingSet").Split(' ').Select(name => "+" + name["CAP_".Length..].ToLowerInvariant()));
        string view = $"subset={Value("ProcSubset")},hidepid={Value("ProtectProc")}";
        return folder.WriteProgram("as-a-service", $"""
            #!/bin/sh
            mount -t proc -o {view} proc /proc && exec setpriv --no-new-privs --bounding-set=-all,{capabilities} "{Programs.Daemon}" "$@"

            """);
    }

    private static string Value(string name) =>
        File.ReadLines(UnitFile).Single(line => line.StartsWith(name + "=", StringComparison.Ordinal))[(name.Length + 1)..];
}
