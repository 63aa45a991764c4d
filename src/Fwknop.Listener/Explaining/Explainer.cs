using System.Globalization;
using System.Net;
using Fwknop.Configuration;
using Fwknop.Configuration.Access;
using Fwknop.Grants;
using Fwknop.Listener.Authentication;
using Fwknop.Listener.Capture;
using Fwknop.Listener.DecryptionQueue;
using Fwknop.Listener.Policy;
using Fwknop.Listener.Screening;
using Fwknop.Protocol;

namespace Fwknop.Listener.Explaining;

/// <summary>
/// Tells of a packet what <see cref="Pipeline"/> finds, in the order of server.md 6, but does not stop at the first reason: an administrator wants all of them.
/// It remembers nothing; a one-time password stays as good as it was.
/// </summary>
/// <param name="setup">What the daemon would hand to its listener.</param>
/// <param name="decrypt">Has OpenPGP messages decrypted; throws <see cref="IOException"/> when that is not possible.</param>
/// <param name="report">Where it is told.</param>
internal sealed class Explainer(ListenerSetup setup, Action<IReadOnlyList<DecryptionTask>> decrypt, Report report)
{
    private readonly ScreeningRules _screening = new(setup.AcceptHttp, setup.AllowAnyUserAgent);
    private readonly AccessRules _access = new(setup.MaxPacketAge, TestMode: false, setup.Nat);
    private readonly ReplayMemory? _replays = setup.DetectReplays ? new ReplayMemory(setup.Seen) : null;
    private readonly PacketOpener _opener = new(setup);
    private readonly byte[] _scratch = new byte[Limits.MaxDatagram];

    /// <summary>Explains one packet.</summary>
    /// <param name="title">Which one.</param>
    /// <param name="datagram">The packet.</param>
    /// <param name="known">What is known of its way.</param>
    /// <param name="now">The server's clock.</param>
    /// <returns>True when it would be granted.</returns>
    public bool Explain(string title, in Datagram datagram, KnownOrigin known, DateTimeOffset now)
    {
        report.Write(0, title);
        if (!PacketScreen.TryScreen(datagram.Payload, _screening, _scratch, out ReadOnlySpan<byte> text, out Outcome why))
        {
            report.Write(1, $"Result: refused: {WhyNoPacket(datagram.Payload, why)}");
            return false;
        }

        Decrypt(text);
        bool isReplay = ExplainReplay(text);
        int? grants = null;
        foreach (AccessStanza stanza in setup.Stanzas)
        {
            if (grants is not null)
            {
                report.Write(1, $"{NameOf(stanza)}: not asked, for stanza #{grants} grants");
            }
            else if (ExplainStanza(stanza, datagram, text, known, now))
            {
                grants = stanza.Number;
            }
        }

        report.Write(1, (grants, isReplay) switch
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
        HttpRequest.IsRequest(payload) ? setup.AcceptHttp ? "an HTTP request without a packet that is accepted" : "an HTTP request, and ENABLE_SPA_OVER_HTTP is not set"
        : why == Outcome.NotSpaData ? "not a packet: it has other characters than those of base64"
        : payload.Length is < Limits.MinDatagram or > Limits.MaxDatagram
            ? Text($"not a packet: {payload.Length} bytes, where packets have {Limits.MinDatagram} to {Limits.MaxDatagram}")
        : "not a packet: it begins with what is cut off before packets are sent";

    /// <summary>Step 6.</summary>
    private bool ExplainReplay(ReadOnlySpan<byte> text)
    {
        if (_replays is null)
        {
            report.Write(1, "Replay: not checked");
            return false;
        }

        bool isReplay = _replays.Knows(text, out SeenPacket original);
        report.Write(1, isReplay
            ? $"Replay: yes, first seen {Time(original.ReceivedAt)} from {original.Origin.Source}"
            : "Replay: no, it is not recorded");
        return isReplay;
    }

    /// <summary>Has everything decrypted that a stanza could want, whether it is meant or not.</summary>
    private void Decrypt(ReadOnlySpan<byte> text)
    {
        IReadOnlyList<DecryptionTask> wanted = _opener.FindWanted(text, _ => true);
        try
        {
            decrypt(wanted);
        }
        catch (IOException failure)
        {
            report.Write(1, $"GPG: cannot be asked: {failure.Message}");
        }

        _opener.Supply(wanted);
    }

    private bool ExplainStanza(AccessStanza stanza, in Datagram datagram, ReadOnlySpan<byte> text, KnownOrigin known, DateTimeOffset now)
    {
        List<string> objections = [.. ObjectionsToWay(stanza, datagram, known, now)];
        Opening opening = _opener.Open(stanza, text);
        if (opening.Message is not { } authentic)
        {
            report.Write(1, $"{NameOf(stanza)}: does not open the packet");
            report.Write(2, WhyNotOpened(opening, text));
            WriteAll("Besides: ", objections);
            return false;
        }

        SpaMessage message = authentic.Message;
        objections.AddRange(ObjectionsToSigner(stanza, authentic));
        objections.AddRange(AccessDecision.Objections(stanza, message, _access, now).Select(objection => ReasonOf(objection, stanza, message, now)));
        string? wish = Wish(stanza, message, datagram, known, out string? refusal);
        if (refusal is not null)
        {
            objections.Add(refusal);
        }

        if (WhyWrongPassword(stanza, message, now) is { } wrongPassword)
        {
            objections.Add(wrongPassword);
        }

        report.Write(1, $"{NameOf(stanza)}: {(objections.Count == 0 ? "grants" : "refuses")}");
        WriteMessage(authentic, now);
        WriteAll("Refused: ", objections);
        if (wish is not null)
        {
            report.Write(2, objections.Count == 0 ? wish : $"Apart from that: {wish}");
        }

        WriteAll("Not checked: ", NotChecked(stanza, known));
        return objections.Count == 0;
    }

    /// <summary>Steps 7 and 9.</summary>
    private static IEnumerable<string> ObjectionsToWay(AccessStanza stanza, Datagram datagram, KnownOrigin known, DateTimeOffset now)
    {
        List<string> objections = [];
        if (known >= KnownOrigin.Source && !StanzaCheck.MatchesSource(stanza, datagram.SourceBits))
        {
            objections.Add($"SOURCE {stanza.Source.Text} does not have {datagram.SourceBits}");
        }

        if (known == KnownOrigin.Both && !StanzaCheck.MatchesDestination(stanza, datagram.DestinationBits))
        {
            objections.Add($"DESTINATION {stanza.Destination!.Text} does not have {datagram.DestinationBits}");
        }

        if (stanza.IsExpired(now))
        {
            objections.Add($"the stanza has expired at {Time(stanza.AccessExpire!.Value.ToUnixTimeSeconds())} (ACCESS_EXPIRE)");
        }

        return objections;
    }

    /// <summary>Steps 10 to 13.</summary>
    private static string WhyNotOpened(Opening opening, ReadOnlySpan<byte> text)
    {
        if (opening.Keys is not { } keys)
        {
            return PacketOpener.TypeOf(text) == PacketOpener.OpenPgp
                ? Text($"Encryption: a text of {Limits.OpenPgpText} characters and more is taken for OpenPGP, which the stanza does not take")
                : Text($"Encryption: the stanza takes OpenPGP packets alone, which have {Limits.OpenPgpText} characters and more");
        }

        string hmac = keys.HmacKey is null ? "" : "HMAC: right; ";
        return opening.Rejection switch
        {
            Rejection.HmacMismatch => "HMAC: wrong: another HMAC key or HMAC_DIGEST_TYPE, or the packet was changed",
            Rejection.GpgmeDecryptFailed => $"{hmac}gpg does not decrypt it: {opening.GpgError}",
            Rejection.GpgmeNoSignature => $"{hmac}it is not signed, and the stanza asks for a signature",
            Rejection.GpgmeBadSignature => $"{hmac}its signature does not count: {WhyBad(opening.GpgError)}",
            Rejection.DecryptionFailure when SpaPacket.HasRightHmac(text, keys) => "HMAC: right; decryption fails: another encryption key or ENCRYPTION_MODE",
            Rejection.DecryptionFailure =>
                "Decryption: fails: another encryption key or ENCRYPTION_MODE; or the packet has an HMAC, and the stanza has no key for it",
            _ when SpaPacket.HasRightHmac(text, keys) => $"HMAC: right; what it covers is no message: {opening.Rejection.GetText()}",
            _ => $"Packet: cannot be opened: {opening.Rejection.GetText()}",
        };
    }

    private static string WhyBad(string? gpgError) => string.IsNullOrEmpty(gpgError) ? "the keyring does not vouch for the key (see gpg --lsign-key)" : gpgError;

    /// <summary>Step 16, and whether what an OpenPGP packet holds was seen before.</summary>
    private List<string> ObjectionsToSigner(AccessStanza stanza, AuthenticMessage authentic)
    {
        List<string> objections = [];
        if (authentic.ContentDigest is { } content && _replays?.Knows(content, out SeenPacket original) == true)
        {
            objections.Add($"its content was seen before, at {Time(original.ReceivedAt)} from {original.Origin.Source}");
        }

        if (authentic.Signature is { } signature && stanza.Gpg is { Signatures.IsRequired: true } rules)
        {
            Outcome outcome = AccessDecision.CheckSigner(rules, signature);
            if (outcome != Outcome.None)
            {
                objections.Add($"the signer is not in {(outcome == Outcome.FingerprintNotListed ? "GPG_FINGERPRINT_ID" : "GPG_REMOTE_ID")}");
            }
        }

        return objections;
    }

    /// <summary>Steps 18 to 22.</summary>
    private string ReasonOf(Outcome objection, AccessStanza stanza, SpaMessage message, DateTimeOffset now) => objection switch
    {
        Outcome.TooOld => Text(
            $"the client's time differs by {AccessDecision.SecondsOff(message, now)} seconds, MAX_SPA_PACKET_AGE allows {setup.MaxPacketAge}: an old packet, or a wrong clock"),
        Outcome.SourceRequired => "the packet does not name the address to allow (0.0.0.0), and REQUIRE_SOURCE_ADDRESS asks for it",
        Outcome.WrongUsername => $"the user is '{message.Username}', REQUIRE_USERNAME asks for '{stanza.RequireUsername}'",
        Outcome.OutsideHours => $"the stanza is not in force now (ACCESS_HOURS {stanza.Schedule})",
        Outcome.NatDisabled => "forwarding (NAT) is asked for, which is not enabled (ENABLE_IPT_FORWARDING, ENABLE_IPT_LOCAL_NAT)",
        _ => throw new InvalidOperationException($"No reason for {objection}."),
    };

    /// <summary>Steps 17, 20 and 23 to 27: what the stanza does when nothing stands against it; or why it does not.</summary>
    private string? Wish(AccessStanza stanza, SpaMessage message, in Datagram datagram, KnownOrigin known, out string? refusal)
    {
        if (message.Command is { } command)
        {
            refusal = AccessDecision.CheckCommand(stanza) switch
            {
                Outcome.None => null,
                Outcome.CycleWithoutPort => "a command is asked for, and the stanza runs CMD_CYCLE_OPEN for ports only",
                _ => "a command is asked for, and ENABLE_CMD_EXEC is not set",
            };
            return refusal is null ? $"Runs: '{command}'" : null;
        }

        IPAddress? allow = !AccessDecision.UsesPacketSource(message) ? message.AllowAddress
            : known == KnownOrigin.None ? null
            : PacketSender.Find(setup, stanza, datagram, out _);
        refusal = Grant.CheckPorts(stanza, message.Ports, out IReadOnlyList<PortRange> ports) != GrantRefusal.None
            ? message.Ports.Count == 0 ? "no port is named, and ALLOW_NO_PORTS is not set" : $"a port is asked for that {PortRules(stanza)}"
            : allow is null && known != KnownOrigin.None
                ? "the packet leaves the address open (0.0.0.0), and the X-Forwarded-For of the proxy that it came through names no client within SOURCE"
            : null;
        if (refusal is not null)
        {
            return null;
        }

        GrantRequest request = AccessDecision.RequestOf(stanza, message, default, allow ?? IPAddress.Any);
        refusal = WhyNoWay(Grant.FindWays(stanza, request, ports, setup.Nat, out IReadOnlyList<GrantPart> parts));
        return refusal is null ? Effect(stanza, message, parts, allow) : null;
    }

    private static string? WhyNoWay(GrantRefusal refusal) => refusal switch
    {
        GrantRefusal.NatPortInvalid => "what is to be forwarded is no single port, or not to one",
        GrantRefusal.NatAddressInvalid => "the host to forward to is no address of the family that is granted",
        GrantRefusal.NatNameInvalid => "the host to forward to has a name that no host can have",
        GrantRefusal.NatNameDisabled => "the host to forward to is named, and ENABLE_NAT_DNS is N",

        // That it is not enabled is among the objections.
        _ => null,
    };

    private static string Effect(AccessStanza stanza, SpaMessage message, IReadOnlyList<GrantPart> parts, IPAddress? allow)
    {
        string ports = string.Join(',', parts.Select(part =>
            string.Join(',', part.Ports) + (part.Route?.ToString() is { Length: > 0 } way ? $" (to {way})" : "")));
        string who = allow is null ? "the address that the packet comes from" : NetworkOf(stanza, allow);
        return stanza.Cycle is null
            ? Text($"Opens: {(stanza.Nat.ForwardsAll ? PortRange.Everything : ports)} for {who} for {stanza.GrantSeconds(message.ClientTimeout)} seconds")
            : $"Runs CMD_CYCLE_OPEN for: {ports} for {who}";
    }

    private static string PortRules(AccessStanza stanza) =>
        (stanza.OpenPorts, stanza.RestrictPorts) switch
        {
            (null, { } restricted) => $"RESTRICT_PORTS {restricted} has",
            ({ } open, null) => $"OPEN_PORTS {open} does not have",
            var (open, restricted) => $"OPEN_PORTS {open} does not have, or RESTRICT_PORTS {restricted} has",
        };

    private static string NetworkOf(AccessStanza stanza, IPAddress address) =>
        stanza.Prefix == GrantPrefix.Host ? address.ToString() : stanza.Prefix.NetworkOf(address).ToString();

    private static string? WhyWrongPassword(AccessStanza stanza, SpaMessage message, DateTimeOffset now)
    {
        // One of its own, which knows of no other packet.
        bool IsRight(DateTimeOffset time) => new SecondFactor(startedAt: 0).Accepts(stanza, message, time);

        return IsRight(now) ? null
            : message.ServerAuth is null ? "the packet carries no one-time password, and TOTP_SECRET asks for one"
            : IsRight(DateTimeOffset.FromUnixTimeSeconds(message.Timestamp)) ? "the one-time password (TOTP) was right when the packet was made, and is not any more"
            : "the one-time password (TOTP) is wrong";
    }

    private void WriteMessage(AuthenticMessage authentic, DateTimeOffset now)
    {
        SpaMessage message = authentic.Message;
        if (authentic.Signature is { } signature)
        {
            report.Write(2, $"Signed by: {signature.Fingerprint}");
        }

        long ahead = message.Timestamp - now.ToUnixTimeSeconds();
        string clock = ahead == 0 ? "now" : Text($"{Math.Abs(ahead)} seconds {(ahead < 0 ? "ago" : "ahead")}");
        report.Write(2, $"User: {message.Username}");
        report.Write(2, $"Time: {Time(message.Timestamp)}, {clock}");
        report.Write(2, $"Message: {message.Message} (type {(int)message.Type})");
        if (message.NatAccess is { } nat)
        {
            report.Write(2, $"NAT: {nat}");
        }

        if (message.ClientTimeout > 0)
        {
            report.Write(2, Text($"Asks for: {message.ClientTimeout} seconds"));
        }
    }

    private static IEnumerable<string> NotChecked(AccessStanza stanza, KnownOrigin known)
    {
        if (known == KnownOrigin.None && !stanza.Source.IsAny)
        {
            yield return $"SOURCE {stanza.Source.Text} (--explain-source tells where the packet comes from)";
        }

        if (known != KnownOrigin.Both && stanza.Destination is not null)
        {
            yield return $"DESTINATION {stanza.Destination.Text}";
        }

        if (stanza.Totp is not null)
        {
            yield return "whether the one-time password has been used";
        }
    }

    private void WriteAll(string label, IEnumerable<string> texts)
    {
        foreach (string text in texts)
        {
            report.Write(2, label + text);
        }
    }

    private static string NameOf(AccessStanza stanza) => Text($"Stanza #{stanza.Number}{(stanza.Name is null ? "" : " ")}{stanza.Name}");

    private static string Time(long seconds) =>
        DateTimeOffset.FromUnixTimeSeconds(seconds).ToString("yyyy-MM-dd HH:mm:ss 'UTC'", CultureInfo.InvariantCulture);

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
