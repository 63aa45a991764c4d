using System.Net;

namespace Fwknop.TestSupport;

/// <summary>A TCP connection that somebody tries to make.</summary>
/// <param name="From">Who.</param>
/// <param name="To">With whom.</param>
public sealed record Attempt(NetworkNamespace From, IPEndPoint To)
{
    public Attempt(NetworkNamespace from, IPAddress address, int port)
        : this(from, new IPEndPoint(address, port))
    {
    }

    public override string ToString() => $"{From} to {To}";
}
