using Fwknop.Configuration.Access;
using Fwknop.Configuration.Server;

namespace Fwknop.Daemon.Lifecycle;

/// <summary>One reading of both files. Owns the stanzas and their keys.</summary>
internal sealed record DaemonConfiguration(ServerConfig Server, AccessPolicy Access) : IDisposable
{
    public void Dispose() => Access.Dispose();
}
