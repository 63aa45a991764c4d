using Fwknop.Grants;
using Fwknop.Listener.Policy;
using Fwknop.Protocol;

namespace Fwknop.Listener.Dispatch;

/// <summary>How the log tells that an authenticated packet is refused (server.md 6, steps 16 to 26).</summary>
/// <param name="Level">The severity.</param>
/// <param name="Reason">The word for programs (docs/log.md); null when all would have been granted without --test.</param>
/// <param name="Text">The end of the line.</param>
internal readonly record struct Refusal(LogLevel Level, string? Reason, string Text)
{
    /// <summary>Null for what was not refused.</summary>
    /// <param name="found">What the stanza found.</param>
    /// <param name="authentic">The message, and who has signed it.</param>
    /// <param name="now">When it was looked at.</param>
    public static Refusal? Of(in StanzaVerdict found, AuthenticMessage authentic, DateTimeOffset now) => found.Outcome switch
    {
        Outcome.FingerprintNotListed => Warning(
            "signer",
            $"Incoming SPA packet signed by: {authentic.Signature!.Fingerprint}, but that fingerprint is not in the GPG_FINGERPRINT_ID list."),
        Outcome.SignerNotListed => Warning(
            "signer", $"Incoming SPA packet signed by ID: {authentic.Signature!.Id}, but that ID is not in the GPG_REMOTE_ID list."),
        Outcome.TooOld => Warning("too_old", $"SPA data time difference is too great ({AccessDecision.SecondsOff(authentic.Message, now)} seconds)."),
        Outcome.SourceRequired => Warning("source_required", "Got 0.0.0.0 when valid source IP was required."),
        Outcome.UnknownClient => Warning(
            "proxy",
            "Got 0.0.0.0 through a proxy of TRUSTED_PROXIES whose X-Forwarded-For names no client within SOURCE; nothing is opened for the proxy itself."),
        Outcome.WrongUsername => Warning(
            "username", $"Username in SPA data ({authentic.Message.Username}) does not match required username: {found.Stanza.RequireUsername}"),
        Outcome.OutsideHours => Warning("hours", $"The stanza is not in force at this time (ACCESS_HOURS {found.Stanza.Schedule})."),
        Outcome.WrongOneTimePassword => Warning("one_time_password", "The one-time password (TOTP) is missing, wrong or has been used."),
        Outcome.NatDisabled => Warning("nat", "requested NAT access, but is not enabled/supported"),
        Outcome.NatUnsupported => Warning(
            "nat", $"{(NatKinds.Of(authentic.Message.Type) == NatKind.Local ? "Local NAT" : "Forwarding/NAT")} requests are not currently supported."),
        Outcome.NatPortInvalid => Information("nat", "Invalid NAT port in SPA message"),
        Outcome.NatAddressInvalid => Information("nat", "Invalid NAT IP in SPA message"),
        Outcome.NatNameInvalid => Information("nat", "Invalid Hostname in NAT SPA message"),
        Outcome.NatNameDisabled => Information("nat", "Received Hostname in NAT SPA message, but hostname is disabled."),
        Outcome.NatTargetDenied => Warning("nat", "Requested NAT destination was denied per access.conf."),
        Outcome.CycleWithoutPort => new Refusal(LogLevel.Error, "no_port", "Could not build CMD_CYCLE_OPEN command."),
        Outcome.CommandInTestMode => Warning(null, "--test mode enabled, skipping command execution."),
        Outcome.CommandDisabled => Warning("command", "SPA Command messages are not allowed in the current configuration."),
        Outcome.PortDenied => Warning("port", "One or more requested protocol/ports was denied per access.conf."),
        Outcome.TestMode => Warning(null, "--test mode enabled, skipping firewall manipulation."),
        Outcome.Granted or Outcome.Commanded => null,
        _ => throw new InvalidOperationException($"No line for {found.Outcome}."),
    };

    private static Refusal Information(string reason, string text) => new(LogLevel.Info, reason, text);

    private static Refusal Warning(string? reason, string text) => new(LogLevel.Warning, reason, text);
}
