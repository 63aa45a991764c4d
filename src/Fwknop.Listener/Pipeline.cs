using System.Net;
using Fwknop.Configuration.Access;
using Fwknop.Grants;
using Fwknop.Listener.Authentication;
using Fwknop.Listener.Capture;
using Fwknop.Listener.Policy;
using Fwknop.Listener.Screening;
using Fwknop.Protocol;

namespace Fwknop.Listener;

/// <summary>
/// The stages between capture and dispatch, in order (server.md 6): screening, source, replay, then stanza by stanza authentication
/// and policy. Time and packet go in, a verdict comes out; the replay memory changes only for an authenticated packet.
/// </summary>
internal sealed class Pipeline(ListenerSetup setup)
{
    private readonly ScreeningRules _screening = new(setup.AcceptHttp, setup.AllowAnyUserAgent);
    private readonly AccessRules _access = new(setup.MaxPacketAge, setup.TestMode);
    private readonly ReplayMemory? _replays = setup.DetectReplays ? new ReplayMemory(setup.Seen) : null;
    private readonly AccessStanza[] _stanzas = [.. setup.Stanzas];
    private readonly bool _acceptsBare = setup.Stanzas.Any(stanza => stanza.Keys.HmacKey is null);
    private readonly SecondFactor _secondFactor = new(setup.StartedAt);
    private readonly AddressList? _proxies = setup.TrustedProxies;
    private readonly Sightings _sightings = new();
    private readonly byte[] _scratch = new byte[Limits.MaxDatagram];

    /// <summary>Looks at one packet.</summary>
    /// <param name="datagram">The packet.</param>
    /// <param name="now">The daemon's clock.</param>
    /// <param name="verdict">Filled with what is found.</param>
    public void Process(in Datagram datagram, DateTimeOffset now, Verdict verdict)
    {
        verdict.Clear();
        if (!PacketScreen.TryScreen(datagram.Payload, _screening, _scratch, out ReadOnlySpan<byte> text, out Outcome why))
        {
            verdict.Outcome = why;
            return;
        }

        PacketOrigin origin = new(
            (byte)datagram.Protocol, datagram.SourceBits, datagram.SourcePort, datagram.DestinationBits, datagram.DestinationPort);
        if (!HasSource(origin.Source))
        {
            verdict.Outcome = Outcome.NoAccessData;
            return;
        }

        if (_replays is not null && _replays.Knows(text, out SeenPacket original))
        {
            verdict.Outcome = _sightings.IsSecondSight(datagram, original, now) ? Outcome.SecondSight : Outcome.Replay;
            verdict.Original = original;
            return;
        }

        foreach (AccessStanza stanza in _stanzas)
        {
            StanzaVerdict found = Try(stanza, datagram, text, origin, now, verdict);
            verdict.Add(found);
            if (found.Outcome is Outcome.Granted or Outcome.Commanded)
            {
                return;
            }
        }
    }

    /// <summary>Opens a packet with the keys of a stanza (steps 10 to 13).</summary>
    /// <returns>None, or why <paramref name="message"/> is null.</returns>
    public static Outcome Open(AccessStanza stanza, ReadOnlySpan<byte> text, out AuthenticMessage? message, out Rejection rejection)
    {
        message = null;
        rejection = Rejection.None;
        return text.Length >= Limits.OpenPgpText && stanza.Commands is null ? Outcome.NoEncryptionMatch
            : SpaPacket.TryOpen(text, stanza.Keys, out message, out rejection) ? Outcome.None
            : Outcome.NotAuthentic;
    }

    private bool HasSource(PackedAddress source)
    {
        foreach (AccessStanza stanza in _stanzas)
        {
            if (StanzaCheck.MatchesSource(stanza, source))
            {
                return true;
            }
        }

        return false;
    }

    private StanzaVerdict Try(
        AccessStanza stanza, in Datagram datagram, ReadOnlySpan<byte> text, PacketOrigin origin, DateTimeOffset now, Verdict verdict)
    {
        if (!StanzaCheck.MatchesAddresses(stanza, origin))
        {
            return new StanzaVerdict(stanza, Outcome.Filtered);
        }

        if (stanza.IsExpired(now))
        {
            return new StanzaVerdict(stanza, Outcome.StanzaExpired);
        }

        Outcome failure = Open(stanza, text, out AuthenticMessage? message, out Rejection rejection);
        if (message is null)
        {
            return new StanzaVerdict(stanza, failure, rejection);
        }

        SeenPacket packet = new(message.ReplayDigest, origin, now.ToUnixTimeSeconds());
        verdict.Authentic = message;
        if (!_access.TestMode)
        {
            verdict.Spent ??= packet;
            if (_replays?.TryAdd(packet) == true)
            {
                _sightings.Add(datagram, packet);
            }

            if (_acceptsBare && message.BareDigest is { } bare)
            {
                SeenPacket withoutHmac = packet with { Digest = bare };
                verdict.SpentBare ??= withoutHmac;
                _replays?.TryAdd(withoutHmac);
            }
        }

        IPAddress? forwardedFor = FindForwardedFor(stanza, datagram, verdict);
        Outcome outcome = AccessDecision.Decide(stanza, message.Message, packet, forwardedFor, _access, now, out StanzaRequest? request);
        bool wouldAct = outcome is Outcome.Granted or Outcome.Commanded or Outcome.TestMode or Outcome.CommandInTestMode;
        if (wouldAct && !_secondFactor.Accepts(stanza, message.Message, now))
        {
            return new StanzaVerdict(stanza, Outcome.WrongOneTimePassword);
        }

        verdict.Request = request;
        return new StanzaVerdict(stanza, outcome);
    }

    /// <summary>
    /// Whom the request was made for, if it came through a proxy whose word counts, over TCP: the source of a datagram is anybody's to write. SOURCE is about
    /// the proxy, and about the address that it names.
    /// </summary>
    private IPAddress? FindForwardedFor(AccessStanza stanza, in Datagram datagram, Verdict verdict)
    {
        if (_proxies is null || datagram.Protocol != IpProtocol.Tcp || !setup.AcceptHttp || !HttpRequest.IsRequest(datagram.Payload) || !_proxies.Contains(datagram.Source))
        {
            return null;
        }

        IPAddress? client = ForwardedFor.Find(datagram.Payload, _proxies, out string? invalid);
        verdict.InvalidForwardedFor = invalid;
        return client is not null && StanzaCheck.MatchesSource(stanza, PackedAddress.From(client)) ? client : null;
    }
}
