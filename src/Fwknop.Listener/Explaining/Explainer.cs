using System.Net;
using Fwknop.Configuration.Access;
using Fwknop.Grants;
using Fwknop.Listener.Authentication;
using Fwknop.Listener.Capture;
using Fwknop.Listener.DecryptionQueue;
using Fwknop.Listener.Screening;
using Fwknop.Protocol;

namespace Fwknop.Listener.Explaining;

/// <summary>
/// Tells of a packet what <see cref="Pipeline"/> finds, in the order of server.md 6, but does not stop at the first reason: an administrator wants all of them.
/// It remembers nothing; a one-time password stays as good as it was.
/// </summary>
internal sealed class Explainer
{
    private readonly ListenerSetup _setup;
    private readonly Action<IReadOnlyList<DecryptionTask>> _decrypt;
    private readonly Report _report;
    private readonly ScreeningRules _screening;
    private readonly byte[] _scratch = new byte[Limits.MaxDatagram];
    private readonly ReplayMemory? _replays;
    private readonly PacketOpener _opener;
    private readonly StanzaExplainer _stanzas;

    /// <param name="setup">What the daemon would hand to its listener.</param>
    /// <param name="decrypt">Has OpenPGP messages decrypted.</param>
    /// <param name="report">Where it is told.</param>
    public Explainer(ListenerSetup setup, Action<IReadOnlyList<DecryptionTask>> decrypt, Report report)
    {
        (_setup, _decrypt, _report) = (setup, decrypt, report);
        _screening = new ScreeningRules(setup.AcceptHttp, setup.AllowAnyUserAgent);
        _replays = setup.DetectReplays ? new ReplayMemory(setup.Seen) : null;
        _opener = new PacketOpener(setup);
        _stanzas = new StanzaExplainer(setup, _opener, _replays, report);
    }

    /// <summary>A packet of which there is only the text. HTTP requests come over TCP, where the word of a proxy counts.</summary>
    /// <param name="text">The text.</param>
    /// <param name="source">Where it is said to come from; null for unknown.</param>
    public static Datagram DatagramOf(ReadOnlySpan<byte> text, IPAddress? source) => new()
    {
        Payload = text,
        SourceBits = source is null ? default : PackedAddress.From(source),
        Protocol = HttpRequest.IsRequest(text) ? IpProtocol.Tcp : IpProtocol.Udp,
    };

    /// <summary>Explains one packet.</summary>
    /// <param name="title">Which one.</param>
    /// <param name="datagram">The packet.</param>
    /// <param name="known">What is known of its way.</param>
    /// <param name="now">The server's clock.</param>
    /// <returns>True when it would be granted.</returns>
    public bool Explain(string title, in Datagram datagram, KnownOrigin known, DateTimeOffset now)
    {
        _report.Write(0, title);
        if (!PacketScreen.TryScreen(datagram.Payload, _screening, _scratch, out ReadOnlySpan<byte> text, out Outcome why))
        {
            _report.Write(1, $"Result: refused: {WhyNoPacket(datagram.Payload, why)}");
            return false;
        }

        Decrypt(text);
        bool isReplay = ExplainReplay(text);
        int? grants = null;
        foreach (AccessStanza stanza in _setup.Stanzas)
        {
            if (grants is not null)
            {
                _report.Write(1, $"{StanzaExplainer.NameOf(stanza)}: not asked, for stanza #{grants} grants");
            }
            else if (_stanzas.Explain(stanza, datagram, text, known, now))
            {
                grants = stanza.Number;
            }
        }

        _report.Write(1, (grants, isReplay) switch
        {
            (null, false) => "Result: refused: no stanza grants it",
            (null, true) => "Result: refused: it is a replay, and no stanza grants it",
            ({ } number, true) => $"Result: refused: it is a replay; apart from that, stanza #{number} grants it",
            ({ } number, false) => $"Result: granted by stanza #{number}",
        });
        return grants is not null && !isReplay;
    }

    /// <summary>Steps 1 to 4.</summary>
    private string WhyNoPacket(ReadOnlySpan<byte> payload, Outcome why) =>
        HttpRequest.IsRequest(payload) ? _setup.AcceptHttp ? "an HTTP request without a packet that is accepted" : "an HTTP request, and ENABLE_SPA_OVER_HTTP is not set"
        : why == Outcome.NotSpaData ? "not a packet: it has other characters than those of base64"
        : payload.Length is < Limits.MinDatagram or > Limits.MaxDatagram
            ? $"not a packet: {payload.Length} bytes, where packets have {Limits.MinDatagram} to {Limits.MaxDatagram}"
        : "not a packet: it begins with what is cut off before packets are sent";

    /// <summary>Step 6.</summary>
    private bool ExplainReplay(ReadOnlySpan<byte> text)
    {
        if (_replays is null)
        {
            _report.Write(1, "Replay: not checked");
            return false;
        }

        bool isReplay = _replays.Knows(text, out SeenPacket original);
        _report.Write(1, isReplay
            ? $"Replay: yes, first seen {Report.Time(original.ReceivedAt)} from {original.Origin.Source}"
            : "Replay: no, it is not recorded");
        return isReplay;
    }

    /// <summary>Has everything decrypted that a stanza could want, whether it is meant or not.</summary>
    private void Decrypt(ReadOnlySpan<byte> text)
    {
        IReadOnlyList<DecryptionTask> wanted = _opener.FindWanted(text, _ => true);
        _decrypt(wanted);
        _opener.Supply(wanted);
    }
}
