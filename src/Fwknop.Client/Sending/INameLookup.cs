using System.Net;

namespace Fwknop.Client;

/// <summary>Asks the operating system for the addresses of a name.</summary>
internal interface INameLookup
{
    /// <param name="name">No address and not empty.</param>
    /// <param name="problem">Why there are none, in the words of getaddrinfo; null otherwise.</param>
    /// <returns>IPv4 and IPv6 addresses in the order of the operating system.</returns>
    IReadOnlyList<IPAddress> Find(string name, out string? problem);
}
