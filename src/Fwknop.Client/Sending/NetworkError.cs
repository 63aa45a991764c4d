using System.Net.Sockets;
using Fwknop.Native.Libc;

namespace Fwknop.Client;

/// <summary>The words of the C library for errors of sockets and of name look-ups.</summary>
internal static class NetworkError
{
    public static string Text(SocketException e) => e.SocketErrorCode switch
    {
        SocketError.HostNotFound => LookupProblem.UnknownName,
        SocketError.TryAgain => LookupProblem.TryAgain,
        SocketError.NoData => LookupProblem.NoAddress,
        _ => OperatingSystem.IsWindows() ? e.Message : new Errno(e.NativeErrorCode).Text,
    };
}
