using System.Net.Sockets;

namespace Fwknop.Client;

/// <summary>Why a packet was not sent.</summary>
/// <param name="Step">What failed.</param>
/// <param name="Reason">The operating system's text; empty when <paramref name="Step"/> says it all.</param>
/// <param name="IsDenied">For want of a privilege.</param>
internal sealed record SendFailure(SendStep Step, string Reason, bool IsDenied = false)
{
    public static SendFailure Of(SendStep step, SocketException e) =>
        new(step, NetworkError.Text(e), e.SocketErrorCode == SocketError.AccessDenied);
}
