using System.Globalization;
using System.Text.RegularExpressions;
using Fwknop.TestSupport;

namespace Fwknop.Listener.Tests.Confinement;

/// <summary>The check in a process of its own, confined by setpriv as the daemon confines the listener, or with one thing left out.</summary>
public sealed class ConfinementCheckTests : IDisposable
{
    private static readonly string[] Identity = ["--reuid=65534", "--regid=65534"];
    private static readonly string[] Groups = ["--clear-groups"];
    private static readonly string[] NoNewPrivileges = ["--no-new-privs"];

    private readonly string _program = CopyProgram();

    public void Dispose() => Directory.Delete(_program, recursive: true);

    [RootFact("setpriv")]
    public void A_listener_that_captures_is_confined_and_can_capture()
    {
        var run = Probe([.. Identity, .. Groups, .. NoNewPrivileges, .. CapabilityOptions("-all,+net_raw")], "NetRaw", "capture");

        Assert.Equal("capturing", run.Output);
        Assert.True(run.ExitCode == 0, run.Errors);
    }

    [RootFact("setpriv")]
    public void A_listener_on_a_UDP_port_needs_no_capability()
    {
        var run = Probe([.. Identity, .. Groups, .. NoNewPrivileges, .. CapabilityOptions("-all")], "None");

        Assert.Equal("", run.Output);
        Assert.True(run.ExitCode == 0, run.Errors);
    }

    [RootFact("setpriv")]
    public void Without_the_capability_capture_is_refused_with_the_reference_s_text()
    {
        var run = Probe([.. Identity, .. Groups, .. NoNewPrivileges, .. CapabilityOptions("-all")], "NetRaw", "capture");

        Assert.StartsWith("[*] pcap_open_live() error: lo: ", run.Output, StringComparison.Ordinal);
    }

    [RootFact("setpriv")]
    public void Root_is_not_confined()
    {
        var run = Probe(["--no-new-privs"], "NetRaw");

        Assert.Contains("Uid is root's", run.Output, StringComparison.Ordinal);
        Assert.Contains("Gid is root's", run.Output, StringComparison.Ordinal);
        Assert.Contains("CapBnd holds", run.Output, StringComparison.Ordinal);
        Assert.NotEqual(0, run.ExitCode);
    }

    [RootTheory("setpriv")]
    [InlineData("new privileges", "new privileges can be gained")]
    [InlineData("groups", "supplementary groups are left")]
    [InlineData("capabilities", "CapBnd holds capabilities")]
    [InlineData("bounding set", "CapBnd holds capabilities")]
    [InlineData("user", "Uid is root's")]
    public void One_thing_left_out_is_noticed_in_every_thread(string leftOut, string violation)
    {
        string[] capabilities = leftOut switch
        {
            "capabilities" => [],
            "bounding set" => ["--inh-caps=-all,+net_raw", "--ambient-caps=-all,+net_raw"],
            _ => CapabilityOptions("-all,+net_raw"),
        };
        var run = Probe(
            [
                .. leftOut == "user" ? [Identity[1]] : Identity,
                .. leftOut == "groups" ? ["--groups=4"] : Groups,
                .. leftOut == "new privileges" ? [] : NoNewPrivileges,
                .. capabilities,
            ],
            "NetRaw");

        var line = Assert.Single(run.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries));
        var threads = Regex.Match(line, @"^(.+) \(in (\d+) of (\d+) threads\)$");
        Assert.Contains(violation, threads.Groups[1].Value, StringComparison.Ordinal);
        Assert.Equal(threads.Groups[3].Value, threads.Groups[2].Value);
        Assert.True(int.Parse(threads.Groups[3].Value, CultureInfo.InvariantCulture) > 1, line);
        Assert.Equal(1, run.ExitCode);
    }

    [RootFact("setpriv")]
    public void The_capability_to_capture_is_a_violation_for_a_UDP_listener()
    {
        var run = Probe([.. Identity, .. Groups, .. NoNewPrivileges, .. CapabilityOptions("-all,+net_raw")], "None");

        Assert.Contains("CapEff holds capabilities beyond those needed: 0000000000002000", run.Output, StringComparison.Ordinal);
        Assert.NotEqual(0, run.ExitCode);
    }

    private static string[] CapabilityOptions(string set) => ["--inh-caps=" + set, "--ambient-caps=" + set, "--bounding-set=" + set];

    private ProcessRun Probe(string[] confinement, params string[] arguments)
    {
        var program = Path.Combine(_program, "Fwknop.Listener.Tests.dll");
        var command = new ProcessCommand("setpriv", [.. confinement, "--", "dotnet", program, .. arguments])
        {
            WorkingDirectory = "/",
            Environment = new Dictionary<string, string?> { ["HOME"] = null },
        };
        return ProcessRun.Run(command);
    }

    /// <summary>Where the tests were built may be closed to other users.</summary>
    private static string CopyProgram()
    {
        var folder = Directory.CreateTempSubdirectory("fwknop-test-").FullName;
        foreach (var file in Directory.GetFiles(AppContext.BaseDirectory).Where(IsNeeded))
        {
            File.Copy(file, Path.Combine(folder, Path.GetFileName(file)));
        }

        File.SetUnixFileMode(folder, (UnixFileMode)0b111_101_101);
        return folder;
    }

    private static bool IsNeeded(string path) =>
        Path.GetFileName(path) is var name
        && (name.EndsWith(".dll", StringComparison.Ordinal) || name.StartsWith("Fwknop.Listener.Tests.", StringComparison.Ordinal));
}
