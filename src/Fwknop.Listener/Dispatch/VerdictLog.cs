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
        switch (verdict.Outcome)
        {
            case Outcome.BadData:
                WritePreprocess(datagram, 4096, "Data is not a valid SPA message format");
                return;
            case Outcome.NotSpaData:
                WritePreprocess(datagram, 4098, "Data is not an SPA message");
                return;
            case Outcome.NoAccessData:
                WriteNoise(LogLevel.Warning, $"No access data found for source IP: {datagram.Source}");
                return;
            case Outcome.Replay:
                WriteReplay(datagram, verdict.Original);
                return;
            case Outcome.TooManyWait:
                WriteNoise(LogLevel.Warning, $"[{datagram.Source}] Too many packets wait for gpg; this one is left out");
                return;
            case Outcome.SecondSight:
                log.Write(LogLevel.Debug, $"[{datagram.Source}] The same packet was received twice, by different sources; it counts once");
                return;
        }

        if (verdict.InvalidForwardedFor is { } invalid)
        {
            log.Write(LogLevel.Warning, $"Error parsing X-Forwarded-For header: value '{invalid}' is not an IP address");
        }

        bool failedForAny = false;
        for (int i = 0; i < verdict.Stanzas.Count; i++)
        {
            StanzaVerdict found = verdict.Stanzas[i];
            failedForAny |= found.Outcome == Outcome.NotAuthentic;
            if (!IsMereMismatch(found, verdict))
            {
                WriteStanza(datagram, now, found, verdict);
            }
        }

        if (verdict.Authentic is null && failedForAny)
        {
            WriteNoise(LogLevel.Warning, $"[{datagram.Source}] SPA packet is not authentic for any stanza");
        }
    }

    /// <summary>A stanza that another one's packet does not fit has nothing to say, unless all is to be told.</summary>
    private bool IsMereMismatch(in StanzaVerdict found, Verdict verdict) =>
        found.Rejection == Rejection.HmacMismatch && verdict.Authentic is not null && !log.Shows(LogLevel.Debug);

    /// <summary>What the servers of the reference say of each datagram and connection, when verbose (server.md 5.3, 5.4).</summary>
    private void WriteReceived(in Datagram datagram)
    {
        if (!log.Shows(LogLevel.Debug))
        {
            return;
        }

        switch (datagram.Reception)
        {
            case Reception.UdpServer:
                WriteNoise(LogLevel.Info, $"udp_server: Got UDP datagram ({datagram.Payload.Length} bytes) from: {datagram.Source}");
                break;
            case Reception.TcpServer:
                WriteNoise(LogLevel.Info, $"tcp_server: Got TCP connection from {datagram.Source}.");
                break;
        }
    }

    private void WritePreprocess(in Datagram datagram, int code, string text)
    {
        if (log.Shows(LogLevel.Debug))
        {
            WriteNoise(LogLevel.Debug, $"[{datagram.Source}] preprocess_spa_data() returned error {code}: '{text}' for incoming packet.");
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
            + $"Original dst proto/port: {original.Origin.Protocol}/{original.Origin.DestinationPort}, Entry created: {created}");
    }

    private void WriteStanza(in Datagram datagram, DateTimeOffset now, in StanzaVerdict found, Verdict verdict)
    {
        AccessStanza stanza = found.Stanza;
        if (found.Outcome == Outcome.Filtered)
        {
            WriteNoise(
                LogLevel.Debug,
                $"(stanza #{stanza.Number}) SPA packet ({datagram.Source} -> {datagram.Destination}) filtered by SOURCE and/or DESTINATION criteria");
            return;
        }

        WriteNoise(LogLevel.Info, $"(stanza #{stanza.Number}) SPA Packet from IP: {datagram.Source} received with access source match");
        if (log.Shows(LogLevel.Debug))
        {
            WriteNoise(LogLevel.Debug, $"SPA Packet: '{Encoding.ASCII.GetString(datagram.Payload)}'");
        }

        string prefix = $"[{datagram.Source}] (stanza #{stanza.Number}) ";
        switch (found.Outcome)
        {
            case Outcome.StanzaExpired:
                if (_expiredStanzas.Add(stanza.Number))
                {
                    log.Write(LogLevel.Info, prefix + "Access stanza has expired");
                }

                break;
            case Outcome.NoEncryptionMatch:
                WriteNoise(LogLevel.Error, $"{prefix}No stanza encryption mode match for encryption type: {verdict.EncryptionType}.");
                break;
            case Outcome.NotAuthentic:
                WriteNotAuthentic(prefix, found);
                break;
            default:
                WriteDecoded(prefix, verdict);
                WriteSigner(prefix, found.Stanza, verdict.Authentic!.Signature);
                WriteDecision(prefix, now, found, verdict.Authentic);
                break;
        }
    }

    private void WriteNotAuthentic(string prefix, in StanzaVerdict found)
    {
        bool isOtherKey = found.Rejection == Rejection.HmacMismatch && found.GpgError is null && !usesOldTexts;
        if (isOtherKey)
        {
            WriteNoise(LogLevel.Info, $"(stanza #{found.Stanza.Number}) Non-corresponding HMAC for this stanza");
        }

        string when = found.Rejection == Rejection.HmacMismatch && found.GpgError is not null ? " (before decryption)" : "";
        WriteNoise(
            isOtherKey ? LogLevel.Debug : LogLevel.Warning,
            $"{prefix}Error creating fko context{when}: {found.Rejection.GetText()}");
        bool isGpgs = found.Rejection is Rejection.GpgmeDecryptFailed or Rejection.GpgmeNoSignature or Rejection.GpgmeBadSignature;
        if (isGpgs && found.GpgError is { } reason)
        {
            WriteNoise(LogLevel.Warning, $"{prefix}- GPG ERROR: {reason}");
        }
    }

    private void WriteSigner(string prefix, AccessStanza stanza, OpenPgpSignature? signature)
    {
        if (signature is not null && stanza.Gpg is { Signatures.IsRequired: true })
        {
            log.Write(LogLevel.Info, $"{prefix}Incoming SPA data signed by '{signature.Id}' (fingerprint '{signature.Fingerprint}').");
        }
    }

    // One log line a field: a line break inside a field is cleaned away with other control characters and cannot forge a line.
    private void WriteDecoded(string prefix, Verdict verdict)
    {
        if (!log.Shows(LogLevel.Debug))
        {
            return;
        }

        log.Write(LogLevel.Debug, prefix + "SPA Decode (res=0):");
        foreach (string line in MessageDump.Of(verdict.Authentic!, verdict.Keys!).Lines)
        {
            log.Write(LogLevel.Debug, line);
        }
    }

    private void WriteDecision(string prefix, DateTimeOffset now, in StanzaVerdict found, AuthenticMessage authentic)
    {
        SpaMessage message = authentic.Message;
        string? line = found.Outcome switch
        {
            Outcome.FingerprintNotListed =>
                $"Incoming SPA packet signed by: {authentic.Signature!.Fingerprint}, but that fingerprint is not in the GPG_FINGERPRINT_ID list.",
            Outcome.SignerNotListed => $"Incoming SPA packet signed by ID: {authentic.Signature!.Id}, but that ID is not in the GPG_REMOTE_ID list.",
            Outcome.TooOld => $"SPA data time difference is too great ({AccessDecision.SecondsOff(message, now)} seconds).",
            Outcome.SourceRequired => "Got 0.0.0.0 when valid source IP was required.",
            Outcome.UnknownClient =>
                "Got 0.0.0.0 through a proxy of TRUSTED_PROXIES whose X-Forwarded-For names no client within SOURCE; nothing is opened for the proxy itself.",
            Outcome.WrongUsername =>
                $"Username in SPA data ({message.Username}) does not match required username: {found.Stanza.RequireUsername}",
            Outcome.OutsideHours => $"The stanza is not in force at this time (ACCESS_HOURS {found.Stanza.Schedule}).",
            Outcome.WrongOneTimePassword => "The one-time password (TOTP) is missing, wrong or has been used.",
            Outcome.NatDisabled => null,
            Outcome.CycleWithoutPort => "Could not build CMD_CYCLE_OPEN command.",
            Outcome.CommandInTestMode => "--test mode enabled, skipping command execution.",
            Outcome.CommandDisabled => "SPA Command messages are not allowed in the current configuration.",
            Outcome.PortDenied => "One or more requested protocol/ports was denied per access.conf.",
            Outcome.TestMode => "--test mode enabled, skipping firewall manipulation.",
            Outcome.Granted or Outcome.Commanded => "",
            _ => throw new InvalidOperationException($"No line for {found.Outcome}."),
        };
        if (line is null)
        {
            string source = prefix[1..prefix.IndexOf(']', StringComparison.Ordinal)];
            log.Write(
                LogLevel.Warning,
                $"(stanza #{found.Stanza.Number}) SPA packet from {source} requested NAT access, but is not enabled/supported");
        }
        else if (line.Length > 0)
        {
            log.Write(LogLevel.Warning, prefix + line);
        }
    }

    private void WriteNoise(LogLevel level, string text)
    {
        if (!log.Shows(level) || !noise.TryTake(out long suppressed))
        {
            return;
        }

        if (suppressed > 0)
        {
            log.Write(LogLevel.Warning, $"{suppressed} more lines about packets that were not accepted were left out");
        }

        log.Write(level, text);
    }
}
