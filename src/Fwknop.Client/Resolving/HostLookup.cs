using System.Net;
using System.Net.Sockets;

namespace Fwknop.Client;

/// <summary>Name to addresses, and a connection to the first of them that takes one.</summary>
internal static class HostLookup
{
    /// <param name="host">Name or address, IPv6 addresses with or without brackets.</param>
    /// <param name="family">The family to look for, or null for both. An address given as such is of the family that it is of.</param>
    /// <param name="cancel">Ends the wait.</param>
    /// <exception cref="SocketException">There is no such name, or it has no address of that family.</exception>
    public static async Task<IPAddress[]> Find(string host, AddressFamily? family, CancellationToken cancel)
    {
        IPAddress[] found = HostAddresses.TryParseLiteral(host, out IPAddress literal)
            ? [literal]
            : await Dns.GetHostAddressesAsync(host, family ?? AddressFamily.Unspecified, cancel).ConfigureAwait(false);
        return found.Length > 0 ? found : throw new SocketException((int)SocketError.NoData);
    }

    /// <exception cref="SocketException">No address took the connection; the error is that of the last.</exception>
    public static async Task<Socket> Connect(IPAddress[] addresses, int port, CancellationToken cancel)
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
                if (e is not SocketException || i == addresses.Length - 1)
                {
                    throw;
                }
            }
        }
    }
}
