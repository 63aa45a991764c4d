using System.Net;
using System.Net.Sockets;

namespace Fwknop.Client;

/// <summary>Connections to web services: to the first address of the name that takes one.</summary>
internal sealed class ServiceConnector(INameLookup names)
{
    /// <param name="host">Name or address, IPv6 addresses with or without brackets.</param>
    /// <param name="port">The port.</param>
    /// <param name="first">The family whose addresses come first.</param>
    /// <param name="isOnly">Of a name only addresses of that family count.</param>
    /// <param name="cancel">Ends the wait.</param>
    /// <exception cref="IOException">The name has no such address; the message is the reason in the words of getaddrinfo.</exception>
    /// <exception cref="SocketException">No address took the connection; the error is that of the last.</exception>
    public async Task<Socket> Connect(string host, int port, AddressFamily first, bool isOnly, CancellationToken cancel)
    {
        bool isIPv6 = first == AddressFamily.InterNetworkV6;
        AddressFamilies allowed = !isOnly || HostAddresses.TryParseLiteral(host, out _) ? AddressFamilies.Any
            : isIPv6 ? AddressFamilies.IPv6
            : AddressFamilies.IPv4;
        string? problem = null;
        IReadOnlyList<IPAddress> addresses =
            await Task.Run(() => new HostAddresses(names).Find(host, allowed, isIPv6, out problem), cancel).WaitAsync(cancel).ConfigureAwait(false);
        return problem is null ? await Connect(addresses, port, cancel).ConfigureAwait(false) : throw new IOException(problem);
    }

    private static async Task<Socket> Connect(IReadOnlyList<IPAddress> addresses, int port, CancellationToken cancel)
    {
        for (int i = 0; ; i++)
        {
            Socket? socket = null;
            try
            {
                socket = new Socket(addresses[i].AddressFamily, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
                await socket.ConnectAsync(new IPEndPoint(addresses[i], port), cancel).ConfigureAwait(false);
                return socket;
            }
            catch (Exception e)
            {
                socket?.Dispose();
                if (e is not SocketException || i == addresses.Count - 1)
                {
                    throw;
                }
            }
        }
    }
}
