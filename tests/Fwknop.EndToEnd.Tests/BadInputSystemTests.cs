using Fwknop.TestSupport;

namespace Fwknop.EndToEnd.Tests;

/// <summary>
/// A machine on which something is missing or broken, which only a mount namespace of the started program sees: one clear message, a
/// status that is not 0, nothing left behind; or, where one can do without, a warning.
/// </summary>
public sealed class BadInputSystemTests : IDisposable
{
    private const string Nftables = "FIREWALL_TYPE nftables;\nGUARD_PORTS tcp/22;\n";
    private const string Iptables = "FIREWALL_TYPE iptables;\n";

    private const string ReadyLine = "Starting fwknopd main event loop";

    private readonly TemporaryFolder _folder = new();
    private readonly NetworkNamespace _space = NetworkNamespace.Create("bad");
    private readonly string _access = $"SOURCE ANY\n{SharedKeys.Random().AccessLines}";

    public BadInputSystemTests()
    {
        _space.RunChecked("ip", "link", "add", TestNetwork.Interface, "type", "veth", "peer", "name", "peer0");
        _space.RunChecked("ip", "link", "set", TestNetwork.Interface, "up");
    }

    public void Dispose()
    {
        _space.Dispose();
        _folder.Dispose();
    }

    [RootTheory("nft", "iptables", "unshare", "mount")]
    [InlineData("libpcap.so", Nftables, "", "(?i)libpcap")]
    [InlineData("libnftables.so", Nftables, "", "(?i)libnftables")]
    [InlineData("libnftables.so", Nftables, "-U", "(?i)libnftables")]
    public void A_library_that_cannot_be_loaded_is_named(string library, string configuration, string argument, string message)
    {
        using SpaDaemon daemon = Launch(Hide(library), configuration, argument);
        AssertRefused(daemon, message);
    }

    [RootTheory("nft", "iptables", "unshare", "mount")]
    [InlineData("libpcap.so", Nftables, "-U")]
    [InlineData("libnftables.so", Iptables, "")]
    public void A_library_that_is_not_needed_may_be_missing(string library, string configuration, string argument)
    {
        using SpaDaemon daemon = Launch(Hide(library), configuration, argument);
        daemon.WaitForLog(ReadyLine);
        Assert.Equal(0, daemon.Stop());
        AssertNothingLeft(daemon);
    }

    /// <summary>Nobody parses packets as root by mistake.</summary>
    [RootTheory("nft", "unshare", "mount", "setpriv")]
    [InlineData("", false)]
    [InlineData("PRIVILEGE_SEPARATION N;\n", true)]
    public void Without_setpriv_it_starts_only_where_that_is_accepted(string configuration, bool starts)
    {
        string links = Directory.CreateDirectory(_folder.FilePath("links")).FullName;
        string real = Directory.CreateDirectory(_folder.FilePath("bin")).FullName;
        foreach (string name in Directory.GetFileSystemEntries("/usr/bin").Select(path => Path.GetFileName(path)).Where(name => name != "setpriv"))
        {
            File.CreateSymbolicLink(Path.Combine(links, name), Path.Combine(real, name));
        }

        using SpaDaemon daemon = Launch($"mount --bind /usr/bin {real} && mount --bind {links} /usr/bin", Nftables + configuration);
        if (!starts)
        {
            AssertRefused(daemon, @"\[\*\] /usr/bin/setpriv \(package util-linux\) is missing: .*PRIVILEGE_SEPARATION N");
            return;
        }

        daemon.WaitForLog(ReadyLine);
        Assert.Equal(1, daemon.Process.CountLines("Warning: fwknopd-listener is NOT confined .*: PRIVILEGE_SEPARATION N"));
        int listener = daemon.ListenerId ?? throw new InvalidOperationException(daemon.Process.Describe());
        Assert.EndsWith("--unconfined", ProcessTable.CommandLine(listener), StringComparison.Ordinal);
        Assert.Equal(0, daemon.Stop());
        AssertNothingLeft(daemon);
    }

    [RootTheory("nft", "unshare", "mount")]
    [InlineData("", "Digest file '.*/digest.cache' cannot be used: No space left on device")]
    [InlineData(" && head -c 4096 /dev/zero > $RUN/full", "PID file error: .*/fwknopd.pid: No space left on device")]
    public void A_disk_that_is_full_at_the_start_is_refused(string filled, string message)
    {
        // One page: the PID file takes it.
        string run = Directory.CreateDirectory(_folder.FilePath("run")).FullName;
        using SpaDaemon daemon = Launch(
            $"mount -t tmpfs -o size=4k,mode=700 tmpfs {run}{filled.Replace("$RUN", run, StringComparison.Ordinal)}", Nftables, runFolder: run);
        AssertRefused(daemon, message);
    }

    [RootFact("nft", "unshare")]
    public void Keys_that_others_may_read_are_refused()
    {
        using SpaDaemon daemon = Launch("chmod 644 $5", Nftables);
        AssertRefused(daemon, @"Access file: '.*/access\.conf' holds keys and is open to other users \(mode 0644\)");
    }

    [RootFact("nft", "unshare")]
    public void A_configuration_that_others_may_read_is_warned_of()
    {
        using SpaDaemon daemon = Launch("chmod 644 $3", Nftables);
        daemon.WaitForLog(ReadyLine);
        Assert.Equal(1, daemon.Process.CountLines(@"^\[-\] file: .*fwknopd\.conf permissions should only be user read/write \(0600, -rw-------\)"));
        Assert.Equal(0, daemon.Stop());
    }

    [RootFact("nft", "unshare")]
    public void A_configuration_that_is_no_file_is_refused()
    {
        using SpaDaemon daemon = Launch("rm $5 && mkfifo -m 600 $5", Nftables);
        AssertRefused(daemon, @"access\.conf is not a regular file or symbolic link|Invalid access\.conf");
    }

    [RootFact("nft")]
    public void All_errors_of_fwknopd_conf_are_told_at_once_with_their_lines()
    {
        using SpaDaemon daemon = SpaDaemon.Launch(Programs.Daemon, _space, new DaemonSetup(
            _access, "FIREWALL_TYPE moat;\n# fine\nMAX_SPA_PACKET_AGE never;\nUDPSERV_PORT 99999;\n"));
        AssertRefused(daemon, "FIREWALL_TYPE.*line 1|line 1.*FIREWALL_TYPE");
        Assert.Equal(1, daemon.Process.CountLines(@"MAX_SPA_PACKET_AGE.*fwknopd\.conf.*line 3"));
        Assert.Equal(1, daemon.Process.CountLines(@"UDPSERV_PORT.*fwknopd\.conf.*line 4"));
    }

    [RootFact("nft")]
    public void All_errors_of_access_conf_are_told_at_once_with_their_lines()
    {
        using SpaDaemon daemon = SpaDaemon.Launch(Programs.Daemon, _space, new DaemonSetup(
            "SOURCE 1.2.3\nKEY __CHANGEME__\nSOURCE ANY\nKEY_BASE64 %\nOPEN_PORTS sctp/1\n", Nftables));
        AssertRefused(daemon, @"access\.conf.*line 1");
        foreach (int line in new[] { 2, 4, 5 })
        {
            Assert.True(daemon.Process.CountLines($@"access\.conf.*line {line}\b") > 0, $"line {line}:\n{daemon.Log}");
        }
    }

    [RootTheory("nft")]
    [InlineData("nothing to guard", "FIREWALL_TYPE nftables;\n", "GUARD_PORTS")]
    [InlineData("nftables alone has GUARD_PORTS", "FIREWALL_TYPE iptables;\nGUARD_PORTS tcp/22;\n", "GUARD_PORTS needs FIREWALL_TYPE nftables")]
    [InlineData("user that does not exist", Nftables + "LISTENER_USER nosuchuser-fwknop;\n", "LISTENER_USER 'nosuchuser-fwknop' is not a user")]
    [InlineData("listener as root", Nftables + "LISTENER_USER root;\n", "LISTENER_USER 'root' must not be root")]
    [InlineData("listener that is no listener", Nftables + "LISTENER_EXE /bin/false;\n", "fwknopd-listener has ended")]
    [InlineData("listener that talks nonsense", Nftables + "LISTENER_EXE /bin/echo;\n", "sent something that is no message")]
    [InlineData("listener that does not exist", Nftables + "LISTENER_EXE /nonexistent/listener;\n", "/nonexistent/listener does not exist")]
    [InlineData("digest file that is a folder", Nftables + "DIGEST_FILE /etc;\n", "Digest file '/etc' cannot be used")]
    [InlineData("PID file in a folder that does not exist", Nftables + "FWKNOP_PID_FILE /nonexistent/pid;\n", "PID file error: /nonexistent/pid")]
    public void Is_refused_at_the_start(string what, string configuration, string message)
    {
        Assert.NotEmpty(what);
        using SpaDaemon daemon = SpaDaemon.Launch(Programs.Daemon, _space, new DaemonSetup(_access, configuration));
        AssertRefused(daemon, message);
    }

    [RootFact("nft")]
    public void A_failed_start_keeps_nobody_from_the_next()
    {
        DaemonSetup setup = new(_access, Nftables) { RunFolder = _folder.FilePath("run") };
        using (SpaDaemon failed = SpaDaemon.Launch(Programs.Daemon, _space, setup with { Device = "nosuch0" }))
        {
            AssertRefused(failed, "nosuch0");
        }

        using SpaDaemon daemon = SpaDaemon.Start(Programs.Daemon, _space, setup);
        Assert.Equal(0, daemon.Stop());
    }

    [RootTheory("nft")]
    [InlineData("", "is started by fwknopd, not by hand")]
    [InlineData("--allow", "is started by fwknopd, not by hand")]
    [InlineData("--allow all", "is started by fwknopd, not by hand")]
    [InlineData("--allow net_raw more", "is started by fwknopd, not by hand")]
    [InlineData("--allow net_raw", "fwknopd-listener is not confined: ")]
    [InlineData("--allow net_bind_service", "fwknopd-listener is not confined: ")]
    [InlineData("--allow none", "fwknopd-listener is not confined: ")]
    [InlineData("--unconfined", "fwknopd-listener got no usable setup: ")]
    public void The_listener_works_for_nobody_else(string arguments, string message)
    {
        ProcessRun run = _space.Run(Programs.Listener, arguments.Split(' ', StringSplitOptions.RemoveEmptyEntries));

        Assert.Equal(1, run.ExitCode);
        Assert.Contains(message, run.Errors, StringComparison.Ordinal);
        Assert.Equal("", run.Output);
    }

    /// <summary>A command that puts an empty device over every file of a library.</summary>
    private static string Hide(string library)
    {
        string[] files = [.. ProcessRun.RunChecked(new ProcessCommand("/sbin/ldconfig", "-p")).Output.Split('\n')
            .Where(line => line.TrimStart().StartsWith(library, StringComparison.Ordinal))
            .Select(line => new FileInfo(line[(line.IndexOf("=> ", StringComparison.Ordinal) + 3)..]))
            .Select(file => file.ResolveLinkTarget(returnFinalTarget: true)?.FullName ?? file.FullName)
            .Distinct()];
        return files.Length > 0
            ? string.Join(" && ", files.Select(file => $"mount --bind /dev/null {file}"))
            : "true";
    }

    /// <summary>Starts the daemon behind a command in a mount namespace of its own; $3 is fwknopd.conf and $5 access.conf.</summary>
    private SpaDaemon Launch(string command, string configuration, string argument = "", string? runFolder = null)
    {
        string inside = _folder.WriteProgram("inside", $"""
            #!/bin/sh
            {command} && exec "{Programs.Daemon}" "$@"

            """);
        string program = _folder.WriteProgram("fwknopd", $"""
            #!/bin/sh
            exec unshare --mount --propagation private "{inside}" "$@"

            """);
        return SpaDaemon.Launch(program, _space, new DaemonSetup(_access, configuration, argument.Length == 0 ? [] : [argument]) { RunFolder = runFolder });
    }

    private void AssertRefused(SpaDaemon daemon, string message)
    {
        int status = daemon.Process.WaitForExit();
        Assert.NotInRange(status, 128, 255);
        Assert.NotEqual(0, status);
        Assert.Matches(message, daemon.Log);
        Assert.DoesNotContain("Unhandled exception", daemon.Log, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", daemon.Log, StringComparison.Ordinal);
        AssertNothingLeft(daemon);
    }

    private void AssertNothingLeft(SpaDaemon daemon)
    {
        Assert.Equal("", ProcessRun.Run("ip", "netns", "pids", _space.Name).Output);
        string rules = _space.RunChecked("nft", "list", "ruleset").Output;
        Assert.False(rules.Contains("fwknop", StringComparison.OrdinalIgnoreCase), $"{rules}\n{daemon.Process.Describe()}");
    }
}
