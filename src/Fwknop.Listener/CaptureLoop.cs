using System.Diagnostics;
using Fwknop.Grants;
using Fwknop.Listener.Capture;
using Fwknop.Listener.DecryptionQueue;
using Fwknop.Listener.Dispatch;
using Fwknop.Native.Libc;
using Fwknop.Protocol;

namespace Fwknop.Listener;

/// <summary>Reads packets until there are none left, then sleeps until more come: no polling, many packets a wake-up.</summary>
internal sealed class CaptureLoop(
    ListenerSetup setup,
    CaptureSet capture,
    DecryptionLanes decryption,
    WakeEvent wake,
    DaemonWatch daemon,
    ListenerLog log,
    VerdictLog verdicts,
    GrantWriter daemonPipe)
{
    /// <summary>How long connections and packets that wait for gpg are finished, when all else has ended (our choice: less than the daemon waits).</summary>
    private static readonly TimeSpan DrainTimeout = TimeSpan.FromSeconds(4);

    private readonly Pipeline _pipeline = new(setup);
    private readonly Verdict _verdict = new();
    private int _packets;
    private int _sinceWait;

    /// <summary>Runs until the daemon is gone, the packet limit is reached, or capture fails.</summary>
    /// <returns>The exit status.</returns>
    public int Run()
    {
        while (!daemon.IsGone && !daemon.IsSucceeded)
        {
            FinishDecrypted();
            switch (capture.TryNext(out Datagram datagram, out _))
            {
                case CaptureOutcome.Datagram:
                    Handle(datagram);
                    break;
                case CaptureOutcome.Refused:
                    _verdict.Clear();
                    GiveVerdict(QueueId);
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
                    WriteInterfaceLost(((PcapSource)capture.Current).Name, capture.Current.Report);
                    continue;
                case CaptureOutcome.InterfaceUp:
                    WriteInterfaceUp(capture.Current.Report);
                    continue;
                default:
                    WriteFailed("capture");
                    return 1;
            }

            _sinceWait++;
            if (setup.PacketLimit > 0 && ++_packets >= setup.PacketLimit)
            {
                Drain(Stopwatch.GetTimestamp());
                log.Write(
                    LogLevel.Warning,
                    $"* Incoming packet count limit of {setup.PacketLimit} reached",
                    new LogEvent(LogEventKind.CaptureLimitReached).With(LogField.Count, setup.PacketLimit));
                daemonPipe.Send(new ListenerMessage.LimitReached());
                return 0;
            }
        }

        long ended = Stopwatch.GetTimestamp();
        FinishConnections(ended);
        Drain(ended);
        return 0;
    }

    /// <summary>With NFQUEUE, how the kernel calls the packet at hand.</summary>
    private uint? QueueId => (capture.Current as QueueSource)?.Id;

    /// <summary>Who has connected before the next listener took over may send a packet yet. At the end of the daemon nobody is waited for.</summary>
    private void FinishConnections(long started)
    {
        if (daemon.IsGone || !capture.TryKeepConnections())
        {
            return;
        }

        while (!daemon.IsGone && capture.HasConnections)
        {
            FinishDecrypted();
            CaptureOutcome outcome = capture.TryNext(out Datagram datagram, out _);
            if (outcome == CaptureOutcome.Datagram)
            {
                Handle(datagram);
            }
            else if (outcome == CaptureOutcome.Empty && DrainTimeout - Stopwatch.GetElapsedTime(started) is { Ticks: > 0 } left)
            {
                capture.Wait(left);
                wake.Reset();
            }
            else if (outcome == CaptureOutcome.Empty)
            {
                return;
            }
        }
    }

    /// <summary>No packet is lost because it came just before the end.</summary>
    private void Drain(long started)
    {
        using PollSet wakes = new(wake.Descriptor);
        while (decryption.HasPackets && Stopwatch.GetElapsedTime(started) < DrainTimeout)
        {
            FinishDecrypted();
            if (decryption.HasPackets)
            {
                wakes.Wait(DrainTimeout - Stopwatch.GetElapsedTime(started) is { Ticks: > 0 } left ? left : TimeSpan.Zero);
                wake.Reset();
            }
        }
    }

    private void WriteInterfaceLost(string name, string error) => log.Write(
        LogLevel.Warning,
        $"[*] {name}: {error}. Waiting for the interface.",
        new LogEvent(LogEventKind.CaptureLost).With(LogField.Interface, name).With(LogField.Error, error));

    private void WriteInterfaceUp(string name) => log.Write(
        LogLevel.Info,
        $"Sniffing interface: {name}",
        new LogEvent(LogEventKind.CaptureStarted).With(LogField.Capture, "pcap").With(LogField.Interface, name));

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
        if (_verdict.Outcome == Outcome.AwaitsDecryption)
        {
            _verdict.Outcome = decryption.Add(new PendingPacket(datagram, now, _verdict.Wanted) { QueueId = QueueId });
        }

        if (_verdict.Outcome != Outcome.AwaitsDecryption)
        {
            Finish(datagram, now, QueueId);
        }
    }

    private void FinishDecrypted()
    {
        while (decryption.TryTake(out PendingPacket? packet))
        {
            using (packet)
            {
                Datagram datagram = packet.Datagram;
                _pipeline.Process(datagram, packet.Arrived, _verdict, packet.Tasks);
                Finish(datagram, packet.Arrived, packet.QueueId);
            }
        }
    }

    private void Finish(in Datagram datagram, DateTimeOffset now, uint? queueId)
    {
        // The daemon first: the log can wait, the client does not.
        if (_verdict.Request is { } request)
        {
            IReadOnlyList<ReplayDigest> besides = setup.DetectReplays ? [.. _verdict.SpentBesides.Select(seen => seen.Digest)] : [];
            daemonPipe.Send(ListenerMessage.Of(request with { Besides = besides }));
        }
        else if (_verdict.Spent is { } spent && setup.DetectReplays)
        {
            foreach (SeenPacket packet in (IEnumerable<SeenPacket>)[.. _verdict.SpentBesides, spent])
            {
                daemonPipe.Send(new ListenerMessage.Spent(packet));
            }
        }

        GiveVerdict(queueId);
        verdicts.Write(datagram, now, _verdict);
    }

    /// <summary>Only a packet that is authentic has reached whom it was for, and ends here.</summary>
    private void GiveVerdict(uint? queueId)
    {
        if (queueId is { } id)
        {
            bool isAuthentic = _verdict.Authentic is not null || _verdict.Outcome is Outcome.Replay or Outcome.SecondSight;
            daemonPipe.Send(new ListenerMessage.Verdict(id, Passes: !isAuthentic));
        }
    }
}
