using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Fwknop.Configuration;
using Fwknop.Configuration.Server;
using Fwknop.Daemon.Enforcement;
using Fwknop.Daemon.Programs;
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
    private const string TargetPort = "dport=";

    private static readonly string[] Over = [" CLOSE ", " TIME_WAIT "];

    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(5);

    /// <summary>Ends them.</summary>
    /// <param name="grants">Whose: to the port it names.</param>
    /// <param name="revoked">Whose as well; where no port is named, to the ports of these.</param>
    public static ConnectionCut Of(GrantSelector grants, IReadOnlyList<OpenGrant> revoked)
    {
        PortRange[] ports = grants.Port is { } port
            ? [.. Protocols(grants).Select(protocol => PortRange.Of(new PortSpec(protocol, port)))]
            : [.. revoked.Where(grant => grant.Ports is not null).Select(grant => grant.Ports!).Distinct()];
        if (ports.Length == 0)
        {
            return new ConnectionCut(0, []);
        }

        List<string> problems = [];
        IPNetwork[] networks = Widest([grants.Addresses, .. revoked.Select(grant => grant.Addresses)]);
        int sockets = EndSockets(networks, ports, problems);
        int others = 0;
        string? program = ProgramSearch.Find(Program, ExternalCommand.SafePath, out _);
        if (program is null)
        {
            problems.Add("the program conntrack is not installed (Debian package conntrack): only TCP connections of this machine itself are cut");
        }
        else
        {
            others = networks.Sum(network => ports.Sum(range => Forget(program, network, range, problems)));
        }

        return new ConnectionCut(sockets + others, problems);
    }

    /// <summary>Those that no other one contains.</summary>
    private static IPNetwork[] Widest(IReadOnlyList<IPNetwork> networks)
    {
        IPNetwork[] different = [.. networks.Distinct()];
        return [.. different.Where(network => !different.Any(other => other != network && other.PrefixLength <= network.PrefixLength && other.Contains(network.BaseAddress)))];
    }

    private static TransportProtocol[] Protocols(GrantSelector grants) =>
        grants.Protocol is { } protocol ? [protocol] : [TransportProtocol.Tcp, TransportProtocol.Udp];

    private static int EndSockets(IPNetwork[] networks, PortRange[] ports, List<string> problems)
    {
        int ended = 0;
        Errno failure = Errno.None;
        foreach (OpenConnection connection in Sockets(networks, ports))
        {
            bool done = TcpSockets.TryEnd(connection.Local, connection.Remote, out Errno error);
            ended += done ? 1 : 0;
            failure = done ? failure : error;
        }

        int left = ended == 0 && failure == Errno.None ? 0 : Sockets(networks, ports).Count();
        if (left > 0)
        {
            problems.Add($"{left} TCP connections go on: the kernel did not end their sockets ({failure.Text})");
        }

        return ended;
    }

    private static IEnumerable<OpenConnection> Sockets(IPNetwork[] networks, PortRange[] ports) => OpenConnection
        .ReadCarrying()
        .Where(connection => connection.Local.Port != 0
            && ports.Any(range => range.Contains(PortSpec.Tcp(connection.Local.Port)))
            && networks.Any(network => network.Contains(connection.Remote.Address)));

    /// <summary>Lets connection tracking forget them: what comes next is a new connection to the rules, and refused.</summary>
    /// <returns>How many were not over.</returns>
    private static int Forget(string program, IPNetwork network, PortRange range, List<string> problems)
    {
        // It takes no range; of a range, those ports count that have connections.
        IEnumerable<int> ports = range.IsSingle ? [range.First] : PortsIn(Run(program, "-L", network, range.Protocol), range);
        int ended = 0;
        foreach (int port in ports)
        {
            ExternalResult result = Run(program, "-D", network, range.Protocol, "--orig-port-dst", port.ToString(CultureInfo.InvariantCulture));
            if (!result.Succeeded && !result.Error.Contains(" 0 flow entries", StringComparison.Ordinal))
            {
                problems.Add($"connection tracking still knows the connections: {result.Error}");
                break;
            }

            // A line each. Those of the sockets that were just ended are counted already.
            ended += result.Output
                .Split('\n', StringSplitOptions.RemoveEmptyEntries)
                .Count(entry => !Over.Any(state => entry.Contains(state, StringComparison.Ordinal)));
        }

        return ended;
    }

    private static ExternalResult Run(string program, string action, IPNetwork network, TransportProtocol protocol, params string[] more)
    {
        string family = network.BaseAddress.AddressFamily == AddressFamily.InterNetworkV6 ? "ipv6" : "ipv4";
        string name = PortSpec.NameOf(protocol);
        return ExternalCommand.Run(program, [action, "-f", family, "-p", name, "-s", $"{network}", .. more], "", Timeout);
    }

    /// <summary>The ports that entries were first sent to: the first <c>dport=</c> of each line.</summary>
    private static HashSet<int> PortsIn(ExternalResult listing, PortRange range)
    {
        HashSet<int> ports = [];
        foreach (string line in listing.Output.Split('\n'))
        {
            string? word = line.Split(' ').FirstOrDefault(word => word.StartsWith(TargetPort, StringComparison.Ordinal));
            if (word is not null && int.TryParse(word.AsSpan(TargetPort.Length), NumberStyles.None, CultureInfo.InvariantCulture, out int port)
                && port >= range.First && port <= range.Last)
            {
                ports.Add(port);
            }
        }

        return ports;
    }
}
