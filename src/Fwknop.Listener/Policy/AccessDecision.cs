using System.Net;
using Fwknop.Configuration.Access;
using Fwknop.Grants;
using Fwknop.Protocol;

namespace Fwknop.Listener.Policy;

/// <summary>Whether a stanza grants what an authenticated message asks for (server.md 6, steps 18 to 26). Pure.</summary>
internal static class AccessDecision
{
    /// <summary>Decides.</summary>
    /// <param name="stanza">The stanza whose keys opened the packet.</param>
    /// <param name="message">The message.</param>
    /// <param name="packet">The packet as it is remembered.</param>
    /// <param name="sender">Who sent the packet, where the message leaves the address open; null when a proxy did that did not say for whom.</param>
    /// <param name="rules">The limits for all stanzas.</param>
    /// <param name="now">The daemon's clock.</param>
    /// <param name="request">What to ask the daemon for, when granted.</param>
    public static Outcome Decide(
        AccessStanza stanza,
        SpaMessage message,
        SeenPacket packet,
        IPAddress? sender,
        AccessRules rules,
        DateTimeOffset now,
        out StanzaRequest? request)
    {
        request = null;
        Outcome objection = Objections(stanza, message, rules, now).FirstOrDefault();
        if (objection != Outcome.None)
        {
            return objection;
        }

        if (message.Command is { } command)
        {
            return DecideCommand(stanza, new CommandRequest(stanza.Number, packet, message.Username, command), rules, out request);
        }

        if ((UsesPacketSource(message) ? sender : message.AllowAddress) is not { } allow)
        {
            return Outcome.UnknownClient;
        }

        GrantRequest asked = RequestOf(stanza, message, packet, allow);
        return DecidePorts(stanza, asked, rules, now, out request);
    }

    /// <summary>What a message asks of the daemon.</summary>
    public static GrantRequest RequestOf(AccessStanza stanza, SpaMessage message, SeenPacket packet, IPAddress allow) =>
        new(stanza.Number, packet, allow, message.Ports, message.ClientTimeout, message.Username)
        {
            Nat = NatKinds.Of(message.Type) is { } kind && message.NatAccess is { } target ? new NatRequest(kind, target) : null,
        };

    /// <summary>Whether the stanza takes packets of this signer (server.md 6, step 16).</summary>
    public static Outcome CheckSigner(GpgRules rules, OpenPgpSignature signature) =>
        !rules.AllowsFingerprint(signature) ? Outcome.FingerprintNotListed
        : !rules.AllowsId(signature) ? Outcome.SignerNotListed
        : Outcome.None;

    /// <summary>All that stands against a message whatever it asks for, in order (steps 18 to 22).</summary>
    public static IEnumerable<Outcome> Objections(AccessStanza stanza, SpaMessage message, AccessRules rules, DateTimeOffset now)
    {
        if (SecondsOff(message, now) > (rules.MaxPacketAge ?? long.MaxValue))
        {
            yield return Outcome.TooOld;
        }

        if (UsesPacketSource(message) && stanza.RequireSourceAddress)
        {
            yield return Outcome.SourceRequired;
        }

        if (!StanzaCheck.MatchesUsername(stanza, message.Username))
        {
            yield return Outcome.WrongUsername;
        }

        if (!StanzaCheck.IsWithinHours(stanza, now))
        {
            yield return Outcome.OutsideHours;
        }

        if (!GrantRouting.IsEnabled(NatKinds.Of(message.Type), rules.Nat))
        {
            yield return rules.Nat.IsSupported ? Outcome.NatDisabled : Outcome.NatUnsupported;
        }
    }

    /// <summary>True when the message leaves the address to allow to the server.</summary>
    public static bool UsesPacketSource(SpaMessage message) => IPAddress.Any.Equals(message.AllowAddress);

    /// <summary>How far the client's clock is from ours, in either direction, in seconds.</summary>
    public static long SecondsOff(SpaMessage message, DateTimeOffset now) => Math.Abs(now.ToUnixTimeSeconds() - message.Timestamp);

    /// <summary>Whether the stanza runs commands that packets name (steps 23 and 24).</summary>
    public static Outcome CheckCommand(AccessStanza stanza) =>
        stanza.Cycle is not null ? Outcome.CycleWithoutPort
        : stanza.Commands is null ? Outcome.CommandDisabled
        : Outcome.None;

    private static Outcome DecideCommand(AccessStanza stanza, CommandRequest asked, AccessRules rules, out StanzaRequest? request)
    {
        Outcome outcome = CheckCommand(stanza) is not Outcome.None and var objection ? objection
            : rules.TestMode ? Outcome.CommandInTestMode
            : Outcome.Commanded;
        request = outcome == Outcome.Commanded ? asked : null;
        return outcome;
    }

    private static Outcome DecidePorts(
        AccessStanza stanza, GrantRequest asked, AccessRules rules, DateTimeOffset now, out StanzaRequest? request)
    {
        GrantRefusal refusal = Grant.TryMake(stanza, asked, rules.Nat, now, out _);
        request = refusal == GrantRefusal.None && !rules.TestMode ? asked : null;
        return refusal switch
        {
            GrantRefusal.None => rules.TestMode ? Outcome.TestMode : Outcome.Granted,
            GrantRefusal.StanzaExpired => Outcome.StanzaExpired,
            GrantRefusal.OutsideHours => Outcome.OutsideHours,
            GrantRefusal.AddressFiltered => Outcome.Filtered,
            GrantRefusal.CycleWithoutPort => Outcome.CycleWithoutPort,
            GrantRefusal.NatPortInvalid => Outcome.NatPortInvalid,
            GrantRefusal.NatAddressInvalid => Outcome.NatAddressInvalid,
            GrantRefusal.NatNameInvalid => Outcome.NatNameInvalid,
            GrantRefusal.NatNameDisabled => Outcome.NatNameDisabled,
            GrantRefusal.NatTargetDenied => Outcome.NatTargetDenied,
            _ => Outcome.PortDenied,
        };
    }
}
