using System.Net;
using System.Net.Sockets;
using Fwknop.Configuration;
using Fwknop.Configuration.Server;
using Fwknop.Daemon.Lifecycle;
using Fwknop.Daemon.Listening;
using Fwknop.Daemon.Logging;
using Fwknop.Daemon.Programs;

namespace Fwknop.Daemon.Granting;

/// <summary>
/// Finds the addresses of hosts that packets name (ENABLE_NAT_DNS), beside the daemon's loop and not as root: what comes from a name server is read by
/// getent, run as the listener's user.
/// </summary>
/// <param name="events">Where a grant goes on when the addresses of its hosts are known.</param>
/// <param name="log">The log.</param>
/// <param name="getent">The program's path.</param>
internal sealed class NatNames(DaemonEvents events, DaemonLog log, string getent = "/usr/bin/getent")
{
    /// <summary>Our choice: as long as a resolver waits for its first name server.</summary>
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(5);

    /// <summary>Our choice: more at a time are refused.</summary>
    private const int MaxRunning = 16;

    private int _running;

    /// <summary>Looks the names of a grant up. It comes back as <see cref="DaemonEvent.NamesResolved"/>, whether they have addresses or not.</summary>
    /// <returns>False when too many are being looked up.</returns>
    public bool TryResolve(GrantAction.OpenPorts action)
    {
        if (Interlocked.Increment(ref _running) > MaxRunning)
        {
            Interlocked.Decrement(ref _running);
            return false;
        }

        new Thread(() => Resolve(action)) { IsBackground = true, Name = "host names" }.Start();
        return true;
    }

    private void Resolve(GrantAction.OpenPorts action)
    {
        Dictionary<string, IPAddress> known = [];
        try
        {
            AddressFamily family = action.Grant.Allow.AddressFamily;
            foreach (string name in action.NamesToResolve.Distinct())
            {
                ExternalResult result = Ask(name, family, action.Config);
                if (result.Succeeded && FirstAddress(result.Output, family) is { } address)
                {
                    known[name] = address;
                }
            }
        }
        catch (StartupException error)
        {
            log.Error(error.Message);
        }
        finally
        {
            Interlocked.Decrement(ref _running);
            events.Add(new DaemonEvent.NamesResolved(action with { Addresses = known }));
        }
    }

    private ExternalResult Ask(string name, AddressFamily family, ServerConfig config)
    {
        string[] question = [family == AddressFamily.InterNetworkV6 ? "ahostsv6" : "ahostsv4", name];
        if (!config.SeparatesPrivileges || !Environment.IsPrivilegedProcess)
        {
            return ExternalCommand.Run(getent, question, "", Timeout);
        }

        ListenerIdentity identity = ListenerIdentity.Find(config.ListenerUser);
        return ExternalCommand.Run(Setpriv.Program, [.. Setpriv.Confine(identity.Uid, identity.Gid, []), getent, .. question], "", Timeout);
    }

    /// <summary>The first address of the family in what getent prints: <c>192.0.2.7     STREAM host</c>.</summary>
    private static IPAddress? FirstAddress(string output, AddressFamily family) => output.Split('\n')
        .Select(line => NatAddress.TryParseAny(line.Split(' ')[0], out IPAddress? address) ? address : null)
        .FirstOrDefault(address => address?.AddressFamily == family);
}
