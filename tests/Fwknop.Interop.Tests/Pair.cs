using Fwknop.TestSupport;

namespace Fwknop.Interop.Tests;

/// <summary>
/// A client of one implementation and a daemon of another in a network of their own. The daemon is started with the first use, so
/// that nothing happens where all tests are skipped.
/// </summary>
public abstract class Pair : IDisposable
{
    private readonly Lazy<TestNetwork> _network = new(TestNetwork.Create);
    private readonly Lazy<SpaDaemon> _daemon;
    private readonly Implementation _client;

    protected Pair(Implementation client, Implementation daemon, string access, params IReadOnlyList<string> daemonArguments)
    {
        _client = client;
        _daemon = new(() =>
        {
            DropWhatIsNotGranted(Network.Server);
            return SpaDaemon.Start(
                daemon.Daemon(), Network.Server, new DaemonSetup(access, daemon.DaemonConfiguration() + Configuration, daemonArguments));
        });
    }

    /// <summary>More of fwknopd.conf.</summary>
    protected virtual string Configuration => "";

    public TestNetwork Network => _network.Value;

    public SpaDaemon Daemon => _daemon.Value;

    /// <summary>For knocks that the daemon, running from then on, sees.</summary>
    public SpaClient Client
    {
        get
        {
            _ = Daemon;
            return new(_client.Client(), Network.Client);
        }
    }

    /// <summary>Arguments every knock needs: where to, for whom, what.</summary>
    public IReadOnlyList<string> Request(string ports) => ["-D", $"{Network.ServerAddress}", "-a", $"{Network.ClientAddress}", "-A", ports];

    public void Dispose()
    {
        Dispose(disposing: true);
        GC.SuppressFinalize(this);
    }

    protected virtual void Dispose(bool disposing)
    {
        if (_daemon.IsValueCreated)
        {
            _daemon.Value.Dispose();
        }

        if (_network.IsValueCreated)
        {
            _network.Value.Dispose();
        }
    }

    private static void DropWhatIsNotGranted(NetworkNamespace server)
    {
        server.RunChecked("iptables", "-P", "INPUT", "DROP");
        server.RunChecked("iptables", "-A", "INPUT", "-m", "conntrack", "--ctstate", "ESTABLISHED,RELATED", "-j", "ACCEPT");
        server.RunChecked("iptables", "-A", "INPUT", "-p", "udp", "--dport", "62201", "-j", "ACCEPT");
    }
}
