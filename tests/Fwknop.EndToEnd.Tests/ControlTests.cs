using System.Net;
using System.Net.Sockets;
using System.Text.Json;
using System.Text.RegularExpressions;
using Fwknop.TestSupport;

namespace Fwknop.EndToEnd.Tests;

/// <summary>--list-grants, --revoke and --status (docs/control.md) with a real daemon and a real firewall.</summary>
public sealed class ControlTests
{
    // Asks as a user who may not, and tells what it gets.
    private const string Stranger = """
        import os, socket, sys
        os.setgroups([])
        os.setgid(65534)
        os.setuid(65534)
        s = socket.socket(socket.AF_UNIX)
        s.connect(sys.argv[1])
        try:
            s.sendall(b'{"protocol":1,"request":"revoke","grants":"0.0.0.0/0","cut":false}\n')
            print(s.recv(99) or "nothing")
        except ConnectionError:
            print("nothing")
        """;

    private const string Minute = "STANZA_NAME office\nFW_ACCESS_TIMEOUT 60\n";

    [RootTheory("nft", "iptables", "ip6tables", "ipset")]
    [MemberData(nameof(GrantTests.Everywhere), MemberType = typeof(GrantTests))]
    public void What_is_revoked_is_shut_long_before_its_time(Firewall firewall, Family family)
    {
        using var site = new Site(firewall);
        using SpaDaemon daemon = site.StartDaemon(Minute);
        IPAddress client = site.Client(family);
        Assert.Equal((0, "Nothing is granted."), OutputOf(Ask(site, daemon, "--list-grants")));
        daemon.GrantAfter("tcp/22,tcp/80", () => site.Knock("tcp/22,tcp/80", family));
        Assert.Equal(ProbeResult.Open, site.Probe(Site.Ssh, family));

        ProcessRun list = Ask(site, daemon, "--list-grants");
        string backEnd = firewall switch { Firewall.Iptables => "iptables", Firewall.Ipset => "ipset", _ => "nftables" };
        Assert.Matches($"(?m)^{client} +tcp/22 +#1 office +tester +[0-9TZ:-]+ +[0-9TZ:-]+ +(60|[1-5][0-9])s +{backEnd} +open$", list.Output);
        Assert.Matches($"(?m)^{client} +tcp/80 ", list.Output);

        ProcessRun revoked = Ask(site, daemon, "--revoke", $"{client},22");
        Assert.Equal(
            (0, $"Revoked tcp/22 for {client}, user 'tester'\nConnections that are open stay open; --cut ends them, too."), OutputOf(revoked));
        Assert.Equal(ProbeResult.NoAnswer, site.Probe(Site.Ssh, family));
        Assert.Equal(ProbeResult.Open, site.Probe(Site.Web, family));
        daemon.WaitForLog($"Revoked tcp/22 for {client} [(]stanza #1 office[)], user 'tester', as user id 0 asked by the control socket");
        Assert.DoesNotContain("tcp/22", Ask(site, daemon, "--list-grants").Output, StringComparison.Ordinal);
        ProcessRun again = Ask(site, daemon, "--revoke", $"{client},22");
        Assert.Equal((1, $"[*] nothing is granted to {client},22"), (again.ExitCode, again.Errors));

        // The whole network; and a new packet opens again.
        Assert.Equal(0, Ask(site, daemon, "--revoke", family == Family.IPv4 ? "10.77.0.0/24" : "fd77::/64").ExitCode);
        Assert.Equal(ProbeResult.NoAnswer, site.Probe(Site.Web, family));
        daemon.GrantAfter("tcp/22", () => site.Knock("tcp/22", family));
        Assert.Equal(ProbeResult.Open, site.Probe(Site.Ssh, family));
        Assert.Equal(0, daemon.Stop());
        site.AssertNothingLeft();
        Assert.False(File.Exists(SocketOf(daemon)));
    }

    /// <summary>Firewall; who speaks first afterwards: what the server sends makes connection tracking take a connection up that it has forgotten.</summary>
    public static TheoryData<Firewall, bool> Cuts()
    {
        var rows = new TheoryData<Firewall, bool>();
        foreach (Firewall firewall in Enum.GetValues<Firewall>())
        {
            rows.Add(firewall, true);
            rows.Add(firewall, false);
        }

        return rows;
    }

    [RootTheory("nft", "iptables", "conntrack", "ipset")]
    [MemberData(nameof(Cuts))]
    public void A_live_connection_goes_on_until_it_is_cut(Firewall firewall, bool serverFirst)
    {
        using var site = new Site(firewall, hasServices: false);
        using Socket listener = site.Network.Server.Inside(() => Listen(site.Network.ServerAddress));
        using SpaDaemon daemon = site.StartDaemon(Minute);
        daemon.GrantAfter("tcp/22", () => site.Knock());
        using Socket client = site.Network.Client.Inside(() => Connect(site.Network.ServerAddress));
        using Socket server = listener.Accept();
        server.ReceiveTimeout = client.ReceiveTimeout;
        AssertPasses(client, server);
        AssertPasses(server, client);

        Assert.Equal(0, Ask(site, daemon, "--revoke", $"{site.Network.ClientAddress}").ExitCode);
        AssertPasses(client, server);
        AssertPasses(server, client);

        ProcessRun cut = Ask(site, daemon, "--revoke", $"{site.Network.ClientAddress},tcp/22", "--cut");
        Assert.Equal((0, "Connections ended: 1"), OutputOf(cut));
        AssertIsOver(serverFirst ? server : client);
        AssertIsOver(serverFirst ? client : server);
        Assert.DoesNotContain("dport=22 ", site.Network.Server.Run("conntrack", "-L", "-p", "tcp").Output, StringComparison.Ordinal);
        Assert.Equal(1, Ask(site, daemon, "--revoke", $"{site.Network.ClientAddress},tcp/22", "--cut").ExitCode);

        // Somebody else's connection is none of it.
        daemon.GrantAfter("tcp/22", () => site.Knock());
        using Socket second = site.Network.Client.Inside(() => Connect(site.Network.ServerAddress));
        using Socket accepted = listener.Accept();
        Assert.Equal(1, Ask(site, daemon, "--revoke", $"{site.Network.OtherClientAddress},22", "--cut").ExitCode);
        AssertPasses(second, accepted);

        Assert.Equal(0, Ask(site, daemon, "--revoke", $"{site.Network.ClientAddress}", "--cut").ExitCode);
        AssertIsOver(second);
        Assert.Equal(ProbeResult.NoAnswer, site.Probe());
    }

    [RootFact("nft", "conntrack")]
    public void Datagrams_of_a_flow_that_is_cut_do_not_arrive_any_more()
    {
        using var site = new Site(Firewall.NftablesGuard, hasServices: false);
        using Socket server = site.Network.Server.Inside(() => Bind(site.Network.ServerAddress));
        using Socket client = site.Network.Client.Inside(() => Bind(site.Network.ClientAddress));
        using SpaDaemon daemon = site.StartDaemon(Minute, "GUARD_PORTS udp/53\n");
        daemon.GrantAfter("udp/53", () => site.Knock("udp/53"));
        client.SendTo("one"u8, server.LocalEndPoint!);
        EndPoint from = new IPEndPoint(IPAddress.Any, 0);
        Assert.Equal(3, server.ReceiveFrom(new byte[9], ref from));
        server.SendTo("answer"u8, from);
        Assert.Equal(6, client.Receive(new byte[9]));

        Assert.Equal(0, Ask(site, daemon, "--revoke", $"{site.Network.ClientAddress}").ExitCode);
        client.SendTo("two"u8, server.LocalEndPoint!);
        Assert.Equal(3, server.Receive(new byte[9]));

        Assert.Equal((0, "Connections ended: 1"), OutputOf(Ask(site, daemon, "--revoke", $"{site.Network.ClientAddress},udp/53", "--cut")));
        client.SendTo("three"u8, server.LocalEndPoint!);
        Assert.False(server.Poll(TimeSpan.FromMilliseconds(500), SelectMode.SelectRead), "a datagram has arrived");
    }

    [RootFact("nft", "mount")]
    public void Without_conntrack_it_says_what_is_not_cut()
    {
        using var site = new Site(Firewall.NftablesGuard, hasServices: false);
        using Socket listener = site.Network.Server.Inside(() => Listen(site.Network.ServerAddress));
        using var folder = new TemporaryFolder();
        string program = folder.WriteProgram("fwknopd-without-conntrack", $"""
            #!/bin/sh
            for file in /usr/sbin/conntrack /usr/bin/conntrack /sbin/conntrack; do
                test ! -e $file || mount --bind /dev/null $file || exit 1
            done
            exec "{Programs.Daemon}" "$@"

            """);
        using SpaDaemon daemon = SpaDaemon.Start(program, site.Network.Server, site.Setup(Minute));
        daemon.GrantAfter("tcp/22", () => site.Knock());
        using Socket client = site.Network.Client.Inside(() => Connect(site.Network.ServerAddress));

        ProcessRun cut = Ask(site, daemon, "--revoke", $"{site.Network.ClientAddress}", "--cut");

        Assert.Equal(1, cut.ExitCode);
        Assert.Contains("Revoked tcp/22", cut.Output, StringComparison.Ordinal);
        Assert.Contains("[*] the program conntrack is not installed (Debian package conntrack)", cut.Errors, StringComparison.Ordinal);
        AssertIsOver(client);
    }

    [RootFact("nft", "python3")]
    public void Nobody_but_root_may_ask()
    {
        using var site = new Site(Firewall.NftablesGuard);
        using SpaDaemon daemon = site.StartDaemon(Minute);
        daemon.GrantAfter("tcp/22", () => site.Knock());
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(SocketOf(daemon)));

        // Whatever rights the folder and the files have: mode of the socket, and then the daemon's own look at who it is.
        foreach (string path in new[] { site.RunFolder.Path, daemon.RunFolder, SocketOf(daemon) })
        {
            File.SetUnixFileMode(path, (UnixFileMode)0x1ff);
        }

        ProcessRun stranger = site.Network.Server.Run("python3", "-c", Stranger, SocketOf(daemon));
        Assert.Equal((0, "nothing"), OutputOf(stranger));
        daemon.WaitForLog("The control socket was opened by user id 65534 [(]pid [0-9]+[)], who may not");
        Assert.Equal(ProbeResult.Open, site.Probe());
    }

    [RootTheory("nft", "iptables")]
    [InlineData(Firewall.NftablesGuard, "FLUSH_NFT_AT_INIT N\n")]
    [InlineData(Firewall.Iptables, "FLUSH_IPT_AT_INIT N\n")]
    public void A_socket_that_a_killed_daemon_left_is_replaced_and_its_grants_are_listed(Firewall firewall, string kept)
    {
        using var site = new Site(firewall);
        string socket;
        using (SpaDaemon daemon = site.StartDaemon(Minute, kept))
        {
            daemon.GrantAfter("tcp/22", () => site.Knock());
            socket = SocketOf(daemon);
            daemon.Crash();
            Assert.True(File.Exists(socket));
            ProcessRun nobody = Ask(site, daemon, "--list-grants");
            Assert.Equal((1, "No running fwknopd detected."), OutputOf(nobody));
        }

        using SpaDaemon next = site.StartDaemon(Minute, kept);
        using SpaDaemon third = SpaDaemon.Launch(Programs.Daemon, site.Network.Server, site.Setup(Minute, kept));
        Assert.NotEqual(0, third.Process.WaitForExit());

        Assert.Matches($"(?m)^{site.Network.ClientAddress} +tcp/22 +- +- +- +[0-9TZ:-]+ +(60|[1-5][0-9])s ", Ask(site, next, "--list-grants").Output);
        Assert.Equal(0, Ask(site, next, "--revoke", $"{site.Network.ClientAddress}").ExitCode);
        Assert.Equal(ProbeResult.NoAnswer, site.Probe());
        Assert.Equal(0, next.Stop());
        Assert.False(File.Exists(socket));
    }

    [RootFact("nft")]
    public void What_a_command_has_opened_is_listed_and_its_close_command_is_run_at_once()
    {
        using var site = new Site(Firewall.NftablesGuard);
        using var folder = new TemporaryFolder();
        string script = folder.Write("opens", $"#!/bin/sh\nuntil test -e {folder.FilePath("go")}; do sleep 0.1; done\ntouch {folder.FilePath("open")}\n");
        File.SetUnixFileMode(script, (UnixFileMode)0x1c0);
        string open = folder.FilePath("open");
        using SpaDaemon daemon = site.StartDaemon($"CMD_CYCLE_OPEN {script}\nCMD_CYCLE_CLOSE rm {open}\nCMD_CYCLE_TIMER 60\n");
        daemon.LogAfter("Running CMD_CYCLE_CLOSE command in 60 seconds", () => site.Knock());
        WaitForList(site, daemon, "opening");
        Assert.Contains("\"state\":\"opening\"", Ask(site, daemon, "--list-grants", "--json").Output, StringComparison.Ordinal);

        folder.Write("go", "");
        WaitForList(site, daemon, "open");
        Assert.Equal(1, Ask(site, daemon, "--revoke", $"{site.Network.ClientAddress},tcp/80").ExitCode);
        Assert.Equal(0, Ask(site, daemon, "--revoke", $"{site.Network.ClientAddress},tcp/22").ExitCode);

        Deadline.WaitUntil(() => !File.Exists(open), TimeSpan.FromSeconds(10), "the close command");
        daemon.WaitForLog("Revoked, running CMD_CYCLE_CLOSE command: rm ");
        Deadline.WaitUntil(
            () => OutputOf(Ask(site, daemon, "--list-grants")) == (0, "Nothing is granted."), TimeSpan.FromSeconds(10), "an empty list");
    }

    [RootFact("nft")]
    public void A_reload_keeps_the_socket_or_takes_it_along()
    {
        using var site = new Site(Firewall.NftablesGuard);
        using SpaDaemon daemon = site.StartDaemon(Minute);
        daemon.GrantAfter("tcp/22", () => site.Knock());
        daemon.LogAfter("Starting fwknopd main event loop", () => daemon.Process.Send(Signal.Hangup));
        Assert.Contains("tcp/22", Ask(site, daemon, "--list-grants").Output, StringComparison.Ordinal);

        string elsewhere = site.RunFolder.FilePath("elsewhere");
        string before = File.ReadAllText(daemon.PathOf("fwknopd.conf"));
        daemon.Write("fwknopd.conf", before.Replace(daemon.RunFolder, elsewhere, StringComparison.Ordinal));
        daemon.LogAfter("Starting fwknopd main event loop", () => daemon.Process.Send(Signal.Hangup));

        Assert.Contains("tcp/22", Ask(site, daemon, "--list-grants").Output, StringComparison.Ordinal);
        Assert.True(File.Exists(Path.Combine(elsewhere, "fwknopd.sock")));
        Assert.False(File.Exists(SocketOf(daemon)));
        Assert.Equal(0, daemon.Stop());
        Assert.False(File.Exists(Path.Combine(elsewhere, "fwknopd.sock")));
    }

    [RootFact("nft")]
    public void The_status_has_counters_where_it_is_asked_for_them()
    {
        using var site = new Site(Firewall.NftablesGuard);
        using SpaDaemon daemon = site.StartDaemon(Minute);
        DateTimeOffset ready = DateTimeOffset.UtcNow;
        string line = $"Detected fwknopd is running (pid={daemon.Process.Id}).";
        daemon.GrantAfter("tcp/22", () => site.Knock());
        daemon.LogAfter("Extended access rule", () => site.Knock());
        Ask(site, daemon, "--revoke", $"{site.Network.ClientAddress}");

        Assert.Equal((0, line), OutputOf(Ask(site, daemon, "-S")));
        (int status, string output) = OutputOf(Ask(site, daemon, "-S", "-v"));
        Assert.Equal(0, status);
        Assert.StartsWith(line + "\nVersion: ", output, StringComparison.Ordinal);
        Assert.Contains("\nGrants since then: 1 opened, 1 extended, 0 failed\nPorts shut again: 0 in time, 1 revoked\n", output, StringComparison.Ordinal);
        using JsonDocument json = JsonDocument.Parse(Ask(site, daemon, "--status", "--json").Output);
        Assert.Equal(daemon.Process.Id, json.RootElement.GetProperty("pid").GetInt32());
        Assert.True(json.RootElement.GetProperty("since").GetDateTimeOffset() <= ready, "It is running since it was started, not since it was asked.");
        Assert.Equal(2, json.RootElement.GetProperty("counters").GetProperty("packets").GetInt32());

        Assert.Equal(0, daemon.Stop());
        Assert.Equal((1, "{\"running\":false}"), OutputOf(Ask(site, daemon, "--status", "--json")));
        Assert.Equal((1, "No running fwknopd detected."), OutputOf(Ask(site, daemon, "-S", "-v")));
    }

    private static ProcessRun Ask(Site site, SpaDaemon daemon, params IReadOnlyList<string> arguments) =>
        site.Network.Server.Run(Programs.Daemon, ["-c", daemon.PathOf("fwknopd.conf"), .. arguments]);

    private static (int Status, string Output) OutputOf(ProcessRun run) => (run.ExitCode, run.Errors.Length == 0 ? run.Output : run.Output + run.Errors);

    private static string SocketOf(SpaDaemon daemon) => Path.Combine(daemon.RunFolder, "fwknopd.sock");

    private static Socket Listen(IPAddress address)
    {
        Socket socket = new(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        socket.Bind(new IPEndPoint(address, Site.Ssh));
        socket.Listen(4);
        return socket;
    }

    private static Socket Connect(IPAddress address)
    {
        Socket socket = new(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp) { ReceiveTimeout = 5000 };
        socket.Connect(new IPEndPoint(address, Site.Ssh));
        return socket;
    }

    private static Socket Bind(IPAddress address)
    {
        Socket socket = new(address.AddressFamily, SocketType.Dgram, ProtocolType.Udp) { ReceiveTimeout = 5000 };
        socket.Bind(new IPEndPoint(address, 53));
        return socket;
    }

    private static void AssertPasses(Socket from, Socket to)
    {
        from.Send("x"u8);
        Assert.Equal(1, to.Receive(new byte[8]));
    }

    /// <summary>The kernel has told this side that the connection is broken off.</summary>
    private static void AssertIsOver(Socket socket)
    {
        SocketException over = Assert.Throws<SocketException>(() =>
        {
            socket.Send("x"u8);
            socket.Receive(new byte[8]);
        });
        Assert.Contains(over.SocketErrorCode, new[] { SocketError.ConnectionReset, SocketError.ConnectionAborted, SocketError.Shutdown });
    }

    private static void WaitForList(Site site, SpaDaemon daemon, string state) => Deadline.WaitUntil(
        () => Regex.IsMatch(Ask(site, daemon, "--list-grants").Output, $"(?m)^{site.Network.ClientAddress} +tcp/22 +#1 +tester .* command +{state}$"),
        TimeSpan.FromSeconds(10),
        $"a cycle that is {state}");
}
