using System.Net;

namespace Fwknop.Client;

/// <summary>Sends IPv4 packets whose headers are made here.</summary>
internal interface IRawSender
{
    /// <summary>The address this machine would send from, or null where no route leads there. Sends nothing.</summary>
    IPAddress? SourceTowards(IPAddress destination);

    /// <param name="destination">IPv4, as in the packet.</param>
    /// <param name="packet">From the IP header on.</param>
    /// <returns>Null when the operating system took it.</returns>
    SendFailure? Send(IPAddress destination, ReadOnlySpan<byte> packet);
}
