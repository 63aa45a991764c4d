using System.Globalization;
using Fwknop.Configuration.Server;
using Fwknop.Daemon.Enforcement;
using Fwknop.Daemon.Enforcement.Nftables;
using Fwknop.Native.FileSystem;
using Fwknop.Native.Libc;
using Fwknop.Protocol;

namespace Fwknop.Daemon.Control;

/// <summary>
/// Ends connections that rules let through because they are established. First the sockets of this machine: the kernel closes them and tells the other
/// side. Then what connection tracking knows of them, which is all there is of UDP and of connections that are only passed on. In this order, for a socket
/// that is still there could send, and with that make connection tracking take the connection up again (nf_conntrack_tcp_loose).
/// </summary>
/// <param name="Ended">How many connections; one that has both a socket and an entry is counted once.</param>
/// <param name="Problems">What could not be done.</param>
internal sealed record ConnectionCut(int Ended, IReadOnlyList<string> Problems)
{
    private const string Program = "conntrack";
    private const string ProgramPath = "/usr/sbin:/usr/bin:/sbin:/bin";

    private static readonly string[] Over = [" CLOSE ", " TIME_WAIT "];

    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(5);

    /// <summary>Ends them.</summary>
    /// <param name="grants">Whose: to the port it names.</param>
    /// <param name="revoked">Where it names none: to the ports of these.</param>
    public static ConnectionCut Of(GrantSelector grants, IReadOnlyList<OpenGrant> revoked)
    {
        HashSet<PortSpec> ports = grants.Port is { } port
            ? [.. Protocols(grants).Select(protocol => new PortSpec(protocol, port))]
            : [.. revoked.Where(grant => grant.Port is not null).Select(grant => grant.Port!.Value)];
        if (ports.Count == 0)
        {
            return new ConnectionCut(0, []);
        }

        List<string> problems = [];
        int sockets = EndSockets(grants, ports, problems);
        int others = 0;
        string? program = ProgramSearch.Find(Program, ProgramPath, out _);
        if (program is null)
        {
            problems.Add("the program conntrack is not installed (Debian package conntrack): only TCP connections of this machine itself are cut");
        }
        else
        {
            others = ports.Sum(target => Forget(program, grants, target, problems));
        }

        return new ConnectionCut(sockets + others, problems);
    }

    private static TransportProtocol[] Protocols(GrantSelector grants) =>
        grants.Protocol is { } protocol ? [protocol] : [TransportProtocol.Tcp, TransportProtocol.Udp];

    private static int EndSockets(GrantSelector grants, HashSet<PortSpec> ports, List<string> problems)
    {
        int ended = 0;
        Errno failure = Errno.None;
        foreach (OpenConnection connection in Sockets(grants, ports))
        {
            bool done = TcpSockets.TryEnd(connection.Local, connection.Remote, out Errno error);
            ended += done ? 1 : 0;
            failure = done ? failure : error;
        }

        int left = ended == 0 && failure == Errno.None ? 0 : Sockets(grants, ports).Count();
        if (left > 0)
        {
            problems.Add($"{left} TCP connections go on: the kernel did not end their sockets ({failure.Text})");
        }

        return ended;
    }

    private static IEnumerable<OpenConnection> Sockets(GrantSelector grants, HashSet<PortSpec> ports) => OpenConnection
        .ReadCarrying()
        .Where(connection => connection.Local.Port != 0
            && ports.Contains(PortSpec.Tcp(connection.Local.Port))
            && grants.Matches(connection.Remote.Address, PortSpec.Tcp(connection.Local.Port)));

    /// <summary>Lets connection tracking forget them: what comes next is a new connection to the rules, and refused.</summary>
    /// <returns>How many were not over.</returns>
    private static int Forget(string program, GrantSelector grants, PortSpec port, List<string> problems)
    {
        string family = grants.Addresses.BaseAddress.AddressFamily == System.Net.Sockets.AddressFamily.InterNetworkV6 ? "ipv6" : "ipv4";
        string protocol = port.Protocol == TransportProtocol.Udp ? "udp" : "tcp";
        string number = port.Port.ToString(CultureInfo.InvariantCulture);
        ExternalResult result = ExternalCommand.Run(
            program, ["-D", "-f", family, "-p", protocol, "-s", $"{grants.Addresses}", "--orig-port-dst", number], "", Timeout);
        if (!result.Succeeded && !result.Error.Contains(" 0 flow entries", StringComparison.Ordinal))
        {
            problems.Add($"connection tracking still knows the connections: {result.Error}");
            return 0;
        }

        // A line each. Those of the sockets that were just ended are counted already.
        return result.Output
            .Split('\n', StringSplitOptions.RemoveEmptyEntries)
            .Count(entry => !Over.Any(state => entry.Contains(state, StringComparison.Ordinal)));
    }
}
