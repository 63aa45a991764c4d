using System.Net;

namespace Fwknop.Client;

/// <summary>Sends one datagram over UDP.</summary>
internal interface IDatagramSender
{
    /// <param name="target">IPv4 or IPv6.</param>
    /// <param name="sourcePort">0 lets the operating system choose.</param>
    /// <param name="payload">The datagram.</param>
    /// <returns>Null when the operating system took it.</returns>
    SendFailure? Send(IPEndPoint target, int sourcePort, ReadOnlySpan<byte> payload);
}
