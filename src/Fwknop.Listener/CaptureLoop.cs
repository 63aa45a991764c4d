using Fwknop.Grants;
using Fwknop.Listener.Capture;
using Fwknop.Listener.Dispatch;
using Fwknop.Native.Libc;

namespace Fwknop.Listener;

/// <summary>Reads packets until there are none left, then sleeps until more come: no polling, many packets a wake-up.</summary>
internal sealed class CaptureLoop(
    ListenerSetup setup, CaptureSet capture, WakeEvent wake, DaemonWatch daemon, ListenerLog log, VerdictLog verdicts, GrantWriter daemonPipe)
{
    private readonly Pipeline _pipeline = new(setup);
    private readonly Verdict _verdict = new();
    private int _packets;
    private int _sinceWait;

    /// <summary>Runs until the daemon is gone, the packet limit is reached, or capture fails.</summary>
    /// <returns>The exit status.</returns>
    public int Run()
    {
        while (!daemon.IsGone)
        {
            switch (capture.TryNext(out Datagram datagram, out _))
            {
                case CaptureOutcome.Datagram:
                    Handle(datagram);
                    break;
                case CaptureOutcome.Refused:
                    _verdict.Clear();
                    break;
                case CaptureOutcome.Empty:
                    TellCount();
                    capture.Wait();
                    wake.Reset();
                    continue;
                case CaptureOutcome.InterfaceLost when setup.ExitAtInterfaceDown && !capture.HasOpenInterface:
                    WriteFailed("pcap_dispatch");
                    return 1;
                case CaptureOutcome.InterfaceLost:
                    string name = ((PcapSource)capture.Current).Name;
                    log.Write(
                        LogLevel.Warning,
                        $"[*] {name}: {capture.Current.Report}. Waiting for the interface.",
                        new LogEvent(LogEventKind.CaptureLost).With(LogField.Interface, name).With(LogField.Error, capture.Current.Report));
                    continue;
                case CaptureOutcome.InterfaceUp:
                    log.Write(
                        LogLevel.Info,
                        $"Sniffing interface: {capture.Current.Report}",
                        new LogEvent(LogEventKind.CaptureStarted).With(LogField.Capture, "pcap").With(LogField.Interface, capture.Current.Report));
                    continue;
                default:
                    WriteFailed("capture");
                    return 1;
            }

            _sinceWait++;
            if (capture.Current is QueueSource queue)
            {
                bool isAuthentic = _verdict.Authentic is not null || _verdict.Outcome is Outcome.Replay or Outcome.SecondSight;
                daemonPipe.Send(queue.MakeVerdict(isAuthentic));
            }

            if (setup.PacketLimit > 0 && ++_packets >= setup.PacketLimit)
            {
                log.Write(
                    LogLevel.Warning,
                    $"* Incoming packet count limit of {setup.PacketLimit} reached",
                    new LogEvent(LogEventKind.CaptureLimitReached).With(LogField.Count, setup.PacketLimit));
                daemonPipe.Send(new ListenerMessage.LimitReached());
                return 0;
            }
        }

        return 0;
    }

    private void WriteFailed(string reader) => log.Write(
        LogLevel.Error,
        $"[*] Fatal error from {reader}: {capture.Current.Report}",
        new LogEvent(LogEventKind.CaptureFailed).With(LogField.Error, capture.Current.Report));

    private void TellCount()
    {
        if (_sinceWait > 0 && log.Shows(LogLevel.Debug))
        {
            string reader = setup.Capture == CaptureMode.Udp ? "run_udp_server" : "pcap_dispatch";
            log.Write(LogLevel.Debug, $"{reader}() processed: {_sinceWait} packets");
        }

        _sinceWait = 0;
    }

    private void Handle(in Datagram datagram)
    {
        DateTimeOffset now = TimeProvider.System.GetUtcNow();
        _pipeline.Process(datagram, now, _verdict);

        // The daemon first: the log can wait, the client does not.
        if (_verdict.SpentBare is { } bare && setup.DetectReplays)
        {
            daemonPipe.Send(new ListenerMessage.Spent(bare));
        }

        if (_verdict.Request is { } request)
        {
            daemonPipe.Send(ListenerMessage.Of(request));
        }
        else if (_verdict.Spent is { } spent && setup.DetectReplays)
        {
            daemonPipe.Send(new ListenerMessage.Spent(spent));
        }

        verdicts.Write(datagram, now, _verdict);
    }
}
