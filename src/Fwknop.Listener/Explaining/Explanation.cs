using System.Globalization;
using Fwknop.Grants;
using Fwknop.Listener.Capture;
using Fwknop.Listener.DecryptionQueue;
using Fwknop.Listener.Dispatch;
using Fwknop.Native.Libc;
using Fwknop.Native.LibPcap;

namespace Fwknop.Listener.Explaining;

/// <summary>
/// <c>fwknopd --explain</c>: tells of packets on an inherited descriptor why they would be granted or refused. Standard output takes the report and no frames.
/// </summary>
internal sealed class Explanation(
    ListenerSetup setup, DecryptorSockets decryptors, WakeEvent wake, DaemonWatch daemon, ListenerLog log, TextWriter output)
{
    /// <summary>Our choice: as many as somebody reads.</summary>
    private const int MaxPackets = 1000;

    private readonly Report _report = new(output);
    private readonly Explainer _explainer = new(setup, tasks => decryptors.Answer(tasks, wake), new Report(output));
    private int _count;
    private bool _isGranted;

    /// <summary>Explains all of them.</summary>
    /// <returns>0 when one would be granted, else 1; the log says what failed.</returns>
    public int Run()
    {
        using PacketInput? input = Read(out string error);
        if (input is null || !(input.Text is { } text ? TryExplain(text) : TryExplain(input, out error)))
        {
            log.Write(LogLevel.Error, error);
            return 1;
        }

        output.Flush();
        return _isGranted ? 0 : 1;
    }

    private PacketInput? Read(out string error)
    {
        Descriptor source = Descriptor.Inherit(setup.Descriptor);
        using PollSet poll = new(source, wake.Descriptor);
        return PacketInput.TryRead(
            source,
            () =>
            {
                poll.Wait(Timeout.InfiniteTimeSpan);
                return !daemon.IsGone;
            },
            out error);
    }

    private bool TryExplain(ReadOnlySpan<byte> text)
    {
        KnownOrigin known = setup.ExplainSource is null ? KnownOrigin.None : KnownOrigin.Source;
        string source = setup.ExplainSource is { } address ? $"from {address}" : "of unknown source";
        Explain(string.Create(CultureInfo.InvariantCulture, $"{text.Length} bytes of text, {source}"), Explainer.DatagramOf(text, setup.ExplainSource), known);
        return true;
    }

    private bool TryExplain(PacketInput input, out string error)
    {
        if (setup.ExplainSource is not null)
        {
            log.Write(LogLevel.Warning, "--explain-source has no effect: the pcap file says where each packet comes from");
        }

        try
        {
            using FileSource? file = FileSource.TryOpen(input.File!, setup.Filter, out error);
            if (file is null || !TryExplain(file, out error))
            {
                return false;
            }
        }
        catch (PcapUnavailableException missing)
        {
            error = missing.Message;
            return false;
        }

        if (input.IsCut)
        {
            log.Write(LogLevel.Warning, "--explain: the input is too long; only its beginning was looked at");
        }

        error = $"[*] --explain: no packet in the file passes the filter '{setup.Filter}' (PCAP_FILTER)";
        return _count > 0;
    }

    private bool TryExplain(FileSource file, out string error)
    {
        error = "";
        while (!daemon.IsGone && _count < MaxPackets)
        {
            switch (file.TryNext(out Datagram datagram, out FrameRejection why))
            {
                case CaptureOutcome.Datagram:
                    Explain(Describe(datagram), datagram, KnownOrigin.Both);
                    break;
                case CaptureOutcome.Refused:
                    _report.Write(0, $"Packet {++_count}: not looked at");
                    _report.Write(1, $"Result: refused: its headers ({why})");
                    break;
                case CaptureOutcome.Empty:
                    return true;
                default:
                    // What was explained before stays true: a file that is cut short is common.
                    error = $"[*] --explain: the file ends badly: {file.Report}";
                    log.Write(LogLevel.Warning, _count > 0 ? error : null);
                    return _count > 0;
            }
        }

        log.Write(LogLevel.Warning, $"--explain: there are more than {MaxPackets} packets; the rest is left out");
        return true;
    }

    private void Explain(string description, in Datagram datagram, KnownOrigin known) =>
        _isGranted |= _explainer.Explain($"Packet {++_count}: {description}", datagram, known, TimeProvider.System.GetUtcNow());

    private static string Describe(in Datagram datagram) => string.Create(
        CultureInfo.InvariantCulture,
        $"{datagram.Payload.Length} bytes by {datagram.Protocol.ToString().ToUpperInvariant()} from {datagram.Source} port {datagram.SourcePort} to {datagram.Destination} port {datagram.DestinationPort}");
}
