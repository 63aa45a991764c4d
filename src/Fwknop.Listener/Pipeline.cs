using System.Net;
using Fwknop.Configuration.Access;
using Fwknop.Grants;
using Fwknop.Listener.Authentication;
using Fwknop.Listener.Capture;
using Fwknop.Listener.DecryptionQueue;
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
    private readonly AccessRules _access = new(setup.MaxPacketAge, setup.TestMode, setup.Nat);
    private readonly ReplayMemory? _replays = setup.DetectReplays ? new ReplayMemory(setup.Seen) : null;
    private readonly AccessStanza[] _stanzas = [.. setup.Stanzas];
    private readonly bool _acceptsBare = setup.Stanzas.Any(stanza => stanza.Keys.HmacKey is null);
    private readonly SecondFactor _secondFactor = new(setup.StartedAt);
    private readonly PacketOpener _opener = new(setup);
    private readonly Sightings _sightings = new();
    private readonly byte[] _scratch = new byte[Limits.MaxDatagram];

    /// <summary>Looks at one packet.</summary>
    /// <param name="datagram">The packet.</param>
    /// <param name="now">The daemon's clock.</param>
    /// <param name="verdict">Filled with what is found.</param>
    /// <param name="decrypted">After <see cref="Outcome.AwaitsDecryption"/>: what was wanted, answered.</param>
    public void Process(in Datagram datagram, DateTimeOffset now, Verdict verdict, IReadOnlyList<DecryptionTask>? decrypted = null)
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

        verdict.EncryptionType = PacketOpener.TypeOf(text);
        if (verdict.EncryptionType == PacketOpener.OpenPgp && !TryGetDecrypted(text, origin, now, verdict, decrypted))
        {
            return;
        }

        foreach (AccessStanza stanza in _stanzas)
        {
            StanzaVerdict found = Try(stanza, datagram, text, origin, now, verdict);
            if (found.Outcome == Outcome.Replay)
            {
                return;
            }

            verdict.Add(found);
            if (found.Outcome is Outcome.Granted or Outcome.Commanded)
            {
                return;
            }
        }
    }

    /// <summary>False when gpg has to be asked first; the verdict says what.</summary>
    private bool TryGetDecrypted(
        ReadOnlySpan<byte> text, PacketOrigin origin, DateTimeOffset now, Verdict verdict, IReadOnlyList<DecryptionTask>? decrypted)
    {
        if (decrypted is null)
        {
            verdict.Wanted = _opener.FindWanted(text, stanza => StanzaCheck.MatchesAddresses(stanza, origin) && !stanza.IsExpired(now));
            verdict.Outcome = verdict.Wanted.Count > 0 ? Outcome.AwaitsDecryption : Outcome.None;
        }

        _opener.Supply(decrypted ?? []);
        return verdict.Outcome == Outcome.None;
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

        Opening opening = _opener.Open(stanza, text);
        if (opening.Message is not { } message)
        {
            Outcome failure = opening.Keys is null ? Outcome.NoEncryptionMatch : Outcome.NotAuthentic;
            return new StanzaVerdict(stanza, failure, opening.Rejection, opening.GpgError);
        }

        SeenPacket packet = new(message.ReplayDigest, origin, now.ToUnixTimeSeconds());
        if (IsRewritten(message, verdict))
        {
            return new StanzaVerdict(stanza, Outcome.Replay);
        }

        (verdict.Authentic, verdict.Keys) = (message, opening.Keys);
        if (!_access.TestMode)
        {
            Remember(packet, message, datagram, verdict);
        }

        if (message.Signature is { } signature && stanza.Gpg is { Signatures.IsRequired: true } rules)
        {
            Outcome signer = AccessDecision.CheckSigner(rules, signature);
            if (signer != Outcome.None)
            {
                return new StanzaVerdict(stanza, signer);
            }
        }

        IPAddress? sender = PacketSender.Find(setup, stanza, datagram, out string? invalid);
        verdict.InvalidForwardedFor = invalid;
        Outcome outcome = AccessDecision.Decide(stanza, message.Message, packet, sender, _access, now, out StanzaRequest? request);
        bool wouldAct = outcome is Outcome.Granted or Outcome.Commanded or Outcome.TestMode or Outcome.CommandInTestMode;
        if (wouldAct && !_secondFactor.Accepts(stanza, message.Message, now))
        {
            return new StanzaVerdict(stanza, Outcome.WrongOneTimePassword);
        }

        verdict.Request = request;
        return new StanzaVerdict(stanza, outcome);
    }

    /// <summary>True for the content of an OpenPGP packet that was seen, in other bytes: a replay.</summary>
    private bool IsRewritten(AuthenticMessage message, Verdict verdict)
    {
        // What an earlier stanza has opened of this packet is this packet.
        if (verdict.Authentic is not null || message.ContentDigest is not { } content || _replays is null || !_replays.Knows(content, out SeenPacket original))
        {
            return false;
        }

        verdict.Outcome = Outcome.Replay;
        verdict.Original = original;
        return true;
    }

    private void Remember(SeenPacket packet, AuthenticMessage message, in Datagram datagram, Verdict verdict)
    {
        verdict.Spent ??= packet;
        if (_replays?.TryAdd(packet) == true)
        {
            _sightings.Add(datagram, packet);
        }

        foreach (ReplayDigest? digest in (ReadOnlySpan<ReplayDigest?>)[_acceptsBare ? message.BareDigest : null, message.ContentDigest])
        {
            if (digest is { } known && !verdict.SpentBesides.Exists(seen => seen.Digest == known))
            {
                SeenPacket besides = packet with { Digest = known };
                verdict.SpentBesides.Add(besides);
                _replays?.TryAdd(besides);
            }
        }
    }
}
