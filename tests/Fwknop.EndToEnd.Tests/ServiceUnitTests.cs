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
        string capabilities = string.Join(",", Value("CapabilityBoundingSet").Split(' ').Select(name => "+" + name["CAP_".Length..].ToLowerInvariant()));
        string view = $"subset={Value("ProcSubset")},hidepid={Value("ProtectProc")}";

        // In the mount namespace that ends with the daemon.
        string program = folder.WriteProgram("as-a-service", $"""
            #!/bin/sh
            mount -t proc -o {view} proc /proc && exec setpriv --no-new-privs --bounding-set=-all,{capabilities} "{Programs.Daemon}" "$@"

            """);
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

    private static string Value(string name) =>
        File.ReadLines(UnitFile).Single(line => line.StartsWith(name + "=", StringComparison.Ordinal))[(name.Length + 1)..];
}
