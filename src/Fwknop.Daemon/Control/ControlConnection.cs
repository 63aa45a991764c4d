using System.Net.Sockets;
using Fwknop.Daemon.Enforcement;
using Fwknop.Daemon.Lifecycle;
using Fwknop.Daemon.Logging;
using Fwknop.Grants;
using Fwknop.Native.Libc;

namespace Fwknop.Daemon.Control;

/// <summary>One client of the control socket: one request, one answer, on a thread of its own.</summary>
internal sealed class ControlConnection(Socket socket, DaemonEvents events, DaemonLog log, CancellationToken stopping)
{
    /// <summary>Our choice: a request has some hundred bytes.</summary>
    internal const int LongestRequest = 4096;

    /// <summary>Our choice: a program that asks does so at once.</summary>
    internal static readonly TimeSpan RequestLimit = TimeSpan.FromSeconds(3);

    /// <summary>Our choice: as long as changing the firewall may take.</summary>
    internal static readonly TimeSpan AnswerLimit = TimeSpan.FromSeconds(30);

    private static readonly TimeSpan WriteLimit = TimeSpan.FromSeconds(10);

    /// <summary>Reads, has it answered, writes. Whatever the client does, it ends.</summary>
    public void Serve()
    {
        try
        {
            socket.Blocking = false;
            ControlPeer peer = ControlPeer.Of(socket);
            if (!peer.IsTrusted(CurrentProcess.UserId))
            {
                log.Warning(
                    $"The control socket was opened by user id {peer.UserId} (pid {peer.ProcessId}), who may not",
                    new LogEvent(LogEventKind.ControlRefused).With(LogField.Uid, peer.UserId));
                return;
            }

            if (new ControlStream(socket, RequestLimit).ReadLine(LongestRequest) is { } line)
            {
                new ControlStream(socket, WriteLimit).TryWrite(Answer(line, peer).ToBytes());
            }
        }
        catch (Exception error) when (error is SocketException or ObjectDisposedException or OperationCanceledException)
        {
            // The client has gone away, or the daemon is about to.
        }
    }

    private ControlAnswer Answer(byte[] line, ControlPeer peer)
    {
        if (ControlRequest.Parse(line, out string problem) is not { } request)
        {
            return new ControlAnswer.Refused(problem);
        }

        TaskCompletionSource<ControlAnswer> answered = new(TaskCreationOptions.RunContinuationsAsynchronously);
        events.Add(new DaemonEvent.ControlAsked(request, peer.UserId, answer => answered.TrySetResult(answer)));
        if (!answered.Task.Wait(AnswerLimit, stopping))
        {
            return new ControlAnswer.Refused("fwknopd is busy and has not answered; it may do what was asked later");
        }

        ControlAnswer answer = answered.Task.Result;
        return request is ControlRequest.Revoke revoke && answer is ControlAnswer.Revocation revocation
            ? Complete(revoke, revocation, peer)
            : answer;
    }

    /// <summary>Connections are ended here, beside the daemon's thread: they are no affair of its rules.</summary>
    private ControlAnswer Complete(ControlRequest.Revoke revoke, ControlAnswer.Revocation revocation, ControlPeer peer)
    {
        if (revoke.Cut)
        {
            ConnectionCut cut = ConnectionCut.Of(revoke.Grants, revocation.Revoked);
            log.Info(
                $"Ended {cut.Ended} connections of {revoke.Grants}, as user id {peer.UserId} asked by the control socket",
                new LogEvent(LogEventKind.ConnectionsEnded)
                    .With(LogField.Allow, NetworkText.Of(revoke.Grants.Addresses)).With(LogField.Count, cut.Ended).With(LogField.Uid, peer.UserId));
            revocation = revocation with { Cut = cut.Ended, Problems = [.. revocation.Problems, .. cut.Problems] };
        }

        return revocation is { Revoked: [], Cut: 0 or null, Problems: [] } ? new ControlAnswer.Refused(NothingFor(revoke)) : revocation;
    }

    private static string NothingFor(ControlRequest.Revoke revoke) => revoke switch
    {
        { Cut: true, Grants.Port: null } =>
            $"nothing is granted to {revoke.Grants}; to cut connections that have outlived their grant, name the port: {revoke.Grants},PORT",
        { Cut: true } => $"nothing is granted to {revoke.Grants}, and there is no such connection",
        _ => $"nothing is granted to {revoke.Grants}",
    };
}
