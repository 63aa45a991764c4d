using System.Net;
using Fwknop.TestSupport;

namespace Fwknop.EndToEnd.Tests;

/// <summary>A connection through a gateway that is possible only while a grant lasts.</summary>
/// <param name="Attempt">Who connects to what.</param>
/// <param name="At">The host where the connection arrives.</param>
/// <param name="Service">The port there.</param>
/// <param name="Source">The address by which the service sees who connects.</param>
internal sealed record Way(Attempt Attempt, NetworkNamespace At, int Service, IPAddress Source)
{
    /// <summary>Whether it is as without the grant; unless given that is when no attempt is answered.</summary>
    public Func<bool>? IsOtherwise { get; init; }

    public bool IsShut => IsOtherwise?.Invoke() ?? ConnectProbe.ThatAreAnswered(Attempt).Count == 0;

    public void AssertIsOpen() =>
        Assert.Equal(Source, GatewayNetwork.SourceSeen(Attempt.From, Attempt.To.Address, Attempt.To.Port, At, Service));
}
