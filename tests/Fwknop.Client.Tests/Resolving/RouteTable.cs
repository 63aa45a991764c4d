using System.Net;

namespace Fwknop.Client.Tests;

/// <summary>Every route leaves with one address, or there is none.</summary>
internal sealed class RouteTable(IPAddress? local) : IConnector
{
    /// <summary>Where routes were asked for.</summary>
    public List<IPAddress> Asked { get; } = [];

    public ConnectAttempt Connect(IPEndPoint target, TimeSpan limit) => throw new NotSupportedException("Nothing is to be connected to.");

    public IPAddress? LocalAddressTowards(IPAddress target)
    {
        Asked.Add(target);
        return local;
    }
}
