using System.Globalization;
using System.Text;
using Fwknop.Configuration.Access;
using Fwknop.Grants;
using Fwknop.Listener.Capture;
using Fwknop.Listener.Policy;
using Fwknop.Protocol;

namespace Fwknop.Listener.Dispatch;

/// <summary>
/// Verdicts as the log lines of the reference (server.md 6 and 10, the texts of 2.6.11). Lines about packets that were not
/// authenticated are limited (<see cref="NoiseLimit"/>).
/// </summary>
/// <param name="log">The log.</param>
/// <param name="noise">The limit.</param>
/// <param name="usesOldTexts">LOG_TEXTS 2.6.10: a wrong HMAC is told as that version did (server.md 15).</param>
internal sealed class VerdictLog(ListenerLog log, NoiseLimit noise, bool usesOldTexts = false)
{
    private readonly HashSet<int> _expiredStanzas = [];

    /// <summary>Writes what is to be told of one packet.</summary>
    /// <param name="datagram">The packet.</param>
    /// <param name="now">When it was looked at.</param>
    /// <param name="verdict">What was found.</param>
    public void Write(in Datagram datagram, DateTimeOffset now, Verdict verdict)
    {
        WriteReceived(datagram);
        WritePayload(datagram.Payload);
        switch (verdict.Outcome)
        {
            case Outcome.BadData:
                WritePreprocess(datagram, 4096, "Data is not a valid SPA message format", "format");
                return;
            case Outcome.NotSpaData:
                WritePreprocess(datagram, 4098, "Data is not an SPA message", "alphabet");
                return;
            case Outcome.NoAccessData:
                WriteNoise(LogLevel.Warning, $"No access data found for source IP: {datagram.Source}", About(LogEventKind.PacketUnknownSource, datagram));
                return;
            case Outcome.Replay:
                WriteReplay(datagram, verdict.Original);
                return;
            case Outcome.TooManyWait:
                WriteNoise(LogLevel.Warning, $"[{datagram.Source}] Too many packets wait for gpg; this one is left out", About(LogEventKind.PacketDropped, datagram));
                return;
            case Outcome.SecondSight:
                log.Write(
                    LogLevel.Debug,
                    $"[{datagram.Source}] The same packet was received twice, by different sources; it counts once",
                    About(LogEventKind.PacketRepeated, datagram));
                return;
        }

        if (verdict.InvalidForwardedFor is { } invalid)
        {
            log.Write(
                LogLevel.Warning,
                $"Error parsing X-Forwarded-For header: value '{invalid}' is not an IP address",
                About(LogEventKind.ProxyRefused, datagram).With(LogField.Value, invalid));
        }

        bool failedForAny = false;
        for (int i = 0; i < verdict.Stanzas.Count; i++)
        {
            StanzaVerdict found = verdict.Stanzas[i];
            failedForAny |= found.Outcome is Outcome.NotAuthentic or Outcome.NoEncryptionMatch;
            if (!IsMereMismatch(found, verdict))
            {
                WriteStanza(datagram, now, found, verdict);
            }
        }

        if (verdict.Authentic is null && failedForAny)
        {
            WriteNoise(
                LogLevel.Warning, $"[{datagram.Source}] SPA packet is not authentic for any stanza", About(LogEventKind.PacketUnauthenticated, datagram));
        }
    }

    /// <summary>
    /// A stanza that another one's packet does not fit has nothing to say, unless all is to be told: its keys are others. A signature is looked at only where its
    /// keys fit.
    /// </summary>
    private bool IsMereMismatch(in StanzaVerdict found, Verdict verdict)
    {
        bool areKeysOthers = found.Outcome == Outcome.NoEncryptionMatch
            || (found.Outcome == Outcome.NotAuthentic && found.Rejection is not (Rejection.GpgmeNoSignature or Rejection.GpgmeBadSignature));
        return areKeysOthers && verdict.Authentic is not null && !log.Shows(LogLevel.Debug);
    }

    /// <summary>What the servers of the reference say of each datagram and connection, when verbose (server.md 5.3, 5.4).</summary>
    // What cannot be a packet, for its length, is none.
    private void WritePayload(ReadOnlySpan<byte> payload)
    {
        if (!log.ShowsPayloads
            || payload.Length is < Limits.MinDatagram or > Limits.MaxDatagram
            || !TryWriteNoise(LogLevel.Debug, "[+] candidate SPA packet payload:"))
        {
            return;
        }

        foreach (string line in HexDump.Of(payload))
        {
            log.Write(LogLevel.Debug, line);
        }
    }

    private void WriteReceived(in Datagram datagram)
    {
        if (!log.Shows(LogLevel.Debug))
        {
            return;
        }

        switch (datagram.Reception)
        {
            case Reception.UdpServer:
                WriteNoise(
                    LogLevel.Info,
                    $"udp_server: Got UDP datagram ({datagram.Payload.Length} bytes) from: {datagram.Source}",
                    About(LogEventKind.PacketReceived, datagram).With(LogField.Bytes, datagram.Payload.Length));
                break;
            case Reception.TcpServer:
                WriteNoise(
                    LogLevel.Info,
                    $"tcp_server: Got TCP connection from {datagram.Source}.",
                    About(LogEventKind.PacketReceived, datagram).With(LogField.Bytes, datagram.Payload.Length));
                break;
        }
    }

    private void WritePreprocess(in Datagram datagram, int code, string text, string reason)
    {
        if (log.Shows(LogLevel.Debug))
        {
            WriteNoise(
                LogLevel.Debug,
                $"[{datagram.Source}] preprocess_spa_data() returned error {code}: '{text}' for incoming packet.",
                About(LogEventKind.PacketMalformed, datagram).With(LogField.Reason, reason));
        }
    }

    private void WriteReplay(in Datagram datagram, in SeenPacket original)
    {
        string created = DateTimeOffset.FromUnixTimeSeconds(original.ReceivedAt).ToLocalTime()
            .ToString("MM/dd/yy HH:mm:ss", CultureInfo.InvariantCulture);
        WriteNoise(
            LogLevel.Warning,
            $"Replay detected from source IP: {datagram.Source}, Destination proto/port: {(int)datagram.Protocol}/{datagram.DestinationPort}, "
            + $"Original source IP: {original.Origin.Source}, "
            + $"Original dst proto/port: {original.Origin.Protocol}/{original.Origin.DestinationPort}, Entry created: {created}",
            About(LogEventKind.PacketReplayed, datagram)
                .With(LogField.Protocol, (int)datagram.Protocol)
                .With(LogField.Port, datagram.DestinationPort)
                .With(LogField.OriginalSource, original.Origin.Source)
                .With(LogField.FirstSeen, LogField.TimeText(original.ReceivedAt)));
    }

    private void WriteStanza(in Datagram datagram, DateTimeOffset now, in StanzaVerdict found, Verdict verdict)
    {
        AccessStanza stanza = found.Stanza;
        if (found.Outcome == Outcome.Filtered)
        {
            WriteNoise(
                LogLevel.Debug,
                $"(stanza #{stanza.Number}) SPA packet ({datagram.Source} -> {datagram.Destination}) filtered by SOURCE and/or DESTINATION criteria",
                About(LogEventKind.PacketFiltered, datagram).With(LogField.Destination, datagram.DestinationBits).With(stanza));
            return;
        }

        WriteNoise(
            LogLevel.Info,
            $"(stanza #{stanza.Number}) SPA Packet from IP: {datagram.Source} received with access source match",
            About(LogEventKind.PacketMatched, datagram).With(stanza));
        if (log.Shows(LogLevel.Debug))
        {
            WriteNoise(LogLevel.Debug, $"SPA Packet: '{Encoding.ASCII.GetString(datagram.Payload)}'");
        }

        string prefix = LogLine.Prefix(datagram.SourceBits, stanza.Number);
        switch (found.Outcome)
        {
            case Outcome.StanzaExpired:
                if (_expiredStanzas.Add(stanza.Number))
                {
                    log.Write(LogLevel.Info, $"{prefix} Access stanza has expired", Refused(datagram, stanza, "expired"));
                }

                break;
            case Outcome.NoEncryptionMatch:
                WriteNoise(
                    LogLevel.Error,
                    $"{prefix} No stanza encryption mode match for encryption type: {verdict.EncryptionType}.",
                    About(LogEventKind.PacketMismatched, datagram).With(stanza).With(LogField.Error, $"encryption type {verdict.EncryptionType}"));
                break;
            case Outcome.NotAuthentic:
                WriteNotAuthentic(prefix, datagram, found);
                break;
            default:
                WriteDecoded(prefix, verdict);
                WriteSigner(prefix, datagram, found.Stanza, verdict.Authentic!.Signature);
                WriteDecision(prefix, datagram, now, found, verdict.Authentic);
                break;
        }
    }

    private void WriteNotAuthentic(string prefix, in Datagram datagram, in StanzaVerdict found)
    {
        string text = found.Rejection.GetText();
        LogEvent about = About(LogEventKind.PacketMismatched, datagram).With(found.Stanza).With(LogField.Error, text);
        bool isOtherKey = found.Rejection == Rejection.HmacMismatch && found.GpgError is null && !usesOldTexts;
        if (isOtherKey)
        {
            WriteNoise(LogLevel.Info, $"(stanza #{found.Stanza.Number}) Non-corresponding HMAC for this stanza", about);
        }

        string when = found.Rejection == Rejection.HmacMismatch && found.GpgError is not null ? " (before decryption)" : "";

        // The event belongs to one of the two lines, so that it counts once.
        WriteNoise(
            isOtherKey ? LogLevel.Debug : LogLevel.Warning,
            $"{prefix} Error creating fko context{when}: {text}",
            isOtherKey ? null : about);
        bool isGpgs = found.Rejection is Rejection.GpgmeDecryptFailed or Rejection.GpgmeNoSignature or Rejection.GpgmeBadSignature;
        if (isGpgs && found.GpgError is { } reason)
        {
            WriteNoise(LogLevel.Warning, $"{prefix} - GPG ERROR: {reason}");
        }
    }

    private void WriteSigner(string prefix, in Datagram datagram, AccessStanza stanza, OpenPgpSignature? signature)
    {
        if (signature is not null && stanza.Gpg is { Signatures.IsRequired: true })
        {
            log.Write(
                LogLevel.Info,
                $"{prefix} Incoming SPA data signed by '{signature.Id}' (fingerprint '{signature.Fingerprint}').",
                About(LogEventKind.PacketSigned, datagram).With(stanza).With(LogField.Signer, signature.Fingerprint));
        }
    }

    // One log line a field: a line break inside a field is cleaned away with other control characters and cannot forge a line.
    private void WriteDecoded(string prefix, Verdict verdict)
    {
        if (!log.Shows(LogLevel.Debug))
        {
            return;
        }

        log.Write(LogLevel.Debug, $"{prefix} SPA Decode (res=0):");
        foreach (string line in MessageDump.Of(verdict.Authentic!, verdict.Keys!).Lines)
        {
            log.Write(LogLevel.Debug, line);
        }
    }

    private void WriteDecision(string prefix, in Datagram datagram, DateTimeOffset now, in StanzaVerdict found, AuthenticMessage authentic)
    {
        SpaMessage message = authentic.Message;
        if (Refusal.Of(found, authentic, now) is not { } refusal)
        {
            return;
        }

        LogEvent about = About(refusal.Reason is null ? LogEventKind.PacketTested : LogEventKind.PacketRefused, datagram);
        if (refusal.Reason is { } reason)
        {
            about.With(LogField.Reason, reason);
        }

        about.With(found.Stanza)
            .With(LogField.User, message.Username.ToString())
            .With(LogField.Allow, message.AllowAddress)
            .With(LogField.Ports, message.Ports);
        if (found.Outcome == Outcome.TooOld)
        {
            about.With(LogField.Seconds, AccessDecision.SecondsOff(message, now));
        }

        if (found.Outcome == Outcome.CycleWithoutPort)
        {
            log.Write(LogLevel.Error, $"[*] Parse error on access port entry: {message.Command.ToString()!.Split(',')[0]}");
        }

        string line = found.Outcome == Outcome.NatDisabled
            ? $"(stanza #{found.Stanza.Number}) SPA packet from {datagram.Source} {refusal.Text}"
            : $"{prefix} {refusal.Text}";
        log.Write(refusal.Level, line, about);
    }

    private static LogEvent About(LogEventKind kind, in Datagram datagram) => new LogEvent(kind).With(LogField.Source, datagram.SourceBits);

    private static LogEvent Refused(in Datagram datagram, AccessStanza stanza, string reason) =>
        About(LogEventKind.PacketRefused, datagram).With(LogField.Reason, reason).With(stanza);

    private void WriteNoise(LogLevel level, string text, LogEvent? about = null) => _ = TryWriteNoise(level, text, about);

    private bool TryWriteNoise(LogLevel level, string text, LogEvent? about = null)
    {
        if (!log.Shows(level) || !noise.TryTake(out long suppressed))
        {
            return false;
        }

        if (suppressed > 0)
        {
            log.Write(
                LogLevel.Warning,
                $"{suppressed} more lines about packets that were not accepted were left out",
                new LogEvent(LogEventKind.LogSuppressed).With(LogField.Count, suppressed));
        }

        log.Write(level, text, about);
        return true;
    }
}
