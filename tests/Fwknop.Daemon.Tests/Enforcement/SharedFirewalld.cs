using Fwknop.TestSupport;

namespace Fwknop.Daemon.Tests.Enforcement;

/// <summary>A firewalld for the tests of a class, which run one after the other; started for the first that is not skipped.</summary>
public sealed class SharedFirewalld : IDisposable
{
    private readonly Lazy<(NetworkNamespace Space, FirewalldHost Firewalld)> _host = new(() =>
    {
        NetworkNamespace space = NetworkNamespace.Create("firewalld");
        return (space, new FirewalldHost(space));
    });

    public NetworkNamespace Space => _host.Value.Space;

    public FirewalldHost Firewalld => _host.Value.Firewalld;

    public void Dispose()
    {
        if (_host.IsValueCreated)
        {
            Firewalld.Dispose();
            Space.Dispose();
        }
    }
}
