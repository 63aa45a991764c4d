using System.Net;

namespace Fwknop.Client;

/// <summary>Connects over TCP, sends, and closes without waiting for an answer.</summary>
internal interface IStreamSender
{
    /// <param name="target">IPv4 or IPv6.</param>
    /// <param name="sourcePort">0 lets the operating system choose.</param>
    /// <param name="payload">All that is sent.</param>
    /// <returns>Null when the connection was made and the operating system took everything.</returns>
    SendFailure? Send(IPEndPoint target, int sourcePort, ReadOnlySpan<byte> payload);
}
