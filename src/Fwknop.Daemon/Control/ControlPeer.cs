using System.Net.Sockets;

namespace Fwknop.Daemon.Control;

/// <summary>The process at the other end of a Unix socket, by the word of the kernel: who it was when it connected, or listened.</summary>
internal readonly record struct ControlPeer(int ProcessId, uint UserId)
{
    private const int LevelSocket = 1; // SOL_SOCKET
    private const int PeerCredentials = 17; // SO_PEERCRED
    private const int Length = 12; // struct ucred: pid, uid, gid

    /// <summary>True for root, and for the user that this process runs as.</summary>
    public bool IsTrusted(uint ownUserId) => UserId == 0 || UserId == ownUserId;

    /// <summary>Asks the kernel.</summary>
    /// <exception cref="SocketException">It does not tell.</exception>
    public static ControlPeer Of(Socket socket)
    {
        Span<byte> credentials = stackalloc byte[Length];
        int length = socket.GetRawSocketOption(LevelSocket, PeerCredentials, credentials);
        return length == Length
            ? new ControlPeer(BitConverter.ToInt32(credentials), BitConverter.ToUInt32(credentials[4..]))
            : throw new SocketException((int)SocketError.InvalidArgument);
    }
}
