using System.Net;

namespace Fwknop.Client;

/// <summary>Opens TCP connections.</summary>
internal interface IConnector
{
    /// <param name="target">Address and port.</param>
    /// <param name="limit">How long to wait for an answer.</param>
    ConnectAttempt Connect(IPEndPoint target, TimeSpan limit);

    /// <summary>The address that packets to another one leave with; null when there is no way there.</summary>
    IPAddress? LocalAddressTowards(IPAddress target);
}
