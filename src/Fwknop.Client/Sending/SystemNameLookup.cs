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
            problem = NetworkError.Text(e);
        }
        catch (ArgumentException)
        {
            // Longer than any name.
            problem = LookupProblem.UnknownName;
        }

        return [];
    }
}
