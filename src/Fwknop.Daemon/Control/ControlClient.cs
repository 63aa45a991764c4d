using System.Net.Sockets;
using System.Text.Json;
using Fwknop.Native.Libc;

namespace Fwknop.Daemon.Control;

/// <summary>The other end of the control socket: asks the running daemon.</summary>
/// <param name="socketPath">Where its socket is.</param>
/// <param name="daemonId">The process that holds the PID file's lock; 0 where it cannot be told.</param>
internal sealed class ControlClient(string socketPath, int daemonId)
{
    /// <summary>Our choice: more than as many grants as can be open take.</summary>
    private const int LongestAnswer = 64 << 20;

    /// <summary>Until the daemon has given up, too.</summary>
    private static readonly TimeSpan Limit = ControlConnection.AnswerLimit + TimeSpan.FromSeconds(15);

    /// <summary>Asks.</summary>
    /// <param name="request">What.</param>
    /// <param name="answer">The daemon's answer, which is one of this version; the caller disposes it. It may be its refusal.</param>
    /// <returns>Null, or why there is no answer.</returns>
    public string? Ask(ControlRequest request, out JsonDocument? answer)
    {
        answer = null;
        using Socket socket = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            socket.Connect(new UnixDomainSocketEndPoint(socketPath));
            ControlPeer peer = ControlPeer.Of(socket);
            if (!peer.IsTrusted(CurrentProcess.UserId) || (daemonId != 0 && peer.ProcessId != daemonId))
            {
                return $"{socketPath} belongs to another process (pid {peer.ProcessId}, user id {peer.UserId}) than the running fwknopd (pid {daemonId})";
            }

            socket.Blocking = false;
            ControlStream stream = new(socket, Limit);
            return stream.TryWrite(request.ToBytes()) && stream.ReadLine(LongestAnswer) is { } line
                ? Read(line, out answer)
                : "the running fwknopd did not answer; it may be stopping, or very busy";
        }
        catch (SocketException error) when (error.SocketErrorCode == SocketError.AccessDenied)
        {
            return "only root may ask the running fwknopd";
        }
        catch (Exception error) when (error is SocketException or ArgumentOutOfRangeException)
        {
            return $"the running fwknopd has no control socket {socketPath}: it could not make it (see its log), or is of an earlier version";
        }
    }

    private static string? Read(byte[] line, out JsonDocument? answer)
    {
        answer = null;
        try
        {
            JsonDocument document = JsonDocument.Parse(line);
            bool isOurs = document.RootElement.ValueKind == JsonValueKind.Object
                && document.RootElement.TryGetProperty("protocol", out JsonElement protocol)
                && protocol.TryGetInt32(out int number)
                && number == ControlRequest.Protocol;
            if (isOurs)
            {
                answer = document;
                return null;
            }

            document.Dispose();
        }
        catch (Exception error) when (error is JsonException or InvalidOperationException)
        {
            // Said below.
        }

        return "the running fwknopd is of another version: restart it";
    }
}
