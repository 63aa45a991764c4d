using System.Net;
using System.Net.Sockets;

namespace Fwknop.Client;

internal sealed class SystemNameLookup : INameLookup
{
    public IReadOnlyList<IPAddress> Find(string name, out string? problem)
    {
        try
        {
            IPAddress[] addresses = Dns.GetHostAddresses(name);
            problem = addresses.Length == 0 ? LookupProblem.NoAddress : null;
            return addresses;
        }
        catch (SocketException e)
        {
            problem = e.SocketErrorCode switch
            {
                SocketError.HostNotFound => LookupProblem.UnknownName,
                SocketError.TryAgain => LookupProblem.TryAgain,
                SocketError.NoData => LookupProblem.NoAddress,
                _ => e.Message,
            };
        }
        catch (ArgumentException)
        {
            // Longer than any name.
            problem = LookupProblem.UnknownName;
        }

        return [];
    }
}
