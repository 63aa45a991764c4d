using Fwknop.Configuration.Access;
using Fwknop.Grants;
using Fwknop.Listener.Authentication;
using Fwknop.Listener.Capture;
using Fwknop.Listener.Policy;
using Fwknop.Protocol;

namespace Fwknop.Listener.Explaining;

/// <summary>What a stanza has against a packet, each reason a sentence. The steps are those of server.md 6.</summary>
/// <param name="setup">What the daemon would hand to its listener.</param>
/// <param name="replays">Packets that were seen; null where that is not checked.</param>
internal sealed class StanzaObjections(ListenerSetup setup, ReplayMemory? replays)
{
    private readonly AccessRules _access = new(setup.MaxPacketAge, TestMode: false, setup.Nat);

    /// <summary>Steps 7 and 9: to where it comes from and goes to, and to the stanza's time.</summary>
    public static List<string> ToWay(AccessStanza stanza, Datagram datagram, KnownOrigin known, DateTimeOffset now)
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
            objections.Add($"the stanza has expired at {Report.Time(stanza.AccessExpire!.Value.ToUnixTimeSeconds())} (ACCESS_EXPIRE)");
        }

        return objections;
    }

    /// <summary>Step 16, and whether what an OpenPGP packet holds was seen before.</summary>
    public List<string> ToSigner(AccessStanza stanza, AuthenticMessage authentic)
    {
        List<string> objections = [];
        if (authentic.ContentDigest is { } content && replays?.Knows(content, out SeenPacket original) == true)
        {
            objections.Add($"its content was seen before, at {Report.Time(original.ReceivedAt)} from {original.Origin.Source}");
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
    public IEnumerable<string> ToMessage(AccessStanza stanza, SpaMessage message, DateTimeOffset now) =>
        AccessDecision.Objections(stanza, message, _access, now).Select(objection => ReasonOf(objection, stanza, message, now));

    /// <summary>To the one-time password; null where it is right, or none is asked for.</summary>
    public static string? ToPassword(AccessStanza stanza, SpaMessage message, DateTimeOffset now)
    {
        // One of its own, which knows of no other packet.
        bool IsRight(DateTimeOffset time) => new SecondFactor(startedAt: 0).Accepts(stanza, message, time);

        return IsRight(now) ? null
            : message.ServerAuth is null ? "the packet carries no one-time password, and TOTP_SECRET asks for one"
            : IsRight(DateTimeOffset.FromUnixTimeSeconds(message.Timestamp)) ? "the one-time password (TOTP) was right when the packet was made, and is not any more"
            : "the one-time password (TOTP) is wrong";
    }

    private string ReasonOf(Outcome objection, AccessStanza stanza, SpaMessage message, DateTimeOffset now) => objection switch
    {
        Outcome.TooOld =>
            $"the client's time differs by {AccessDecision.SecondsOff(message, now)} seconds, MAX_SPA_PACKET_AGE allows {setup.MaxPacketAge}: an old packet, or a wrong clock",
        Outcome.SourceRequired => "the packet does not name the address to allow (0.0.0.0), and REQUIRE_SOURCE_ADDRESS asks for it",
        Outcome.WrongUsername => $"the user is '{message.Username}', REQUIRE_USERNAME asks for '{stanza.RequireUsername}'",
        Outcome.OutsideHours => $"the stanza is not in force now (ACCESS_HOURS {stanza.Schedule})",
        Outcome.NatUnsupported => "forwarding (NAT) is asked for, which ipfw and PF are not used for",
        Outcome.NatDisabled => "forwarding (NAT) is asked for, which is not enabled (ENABLE_IPT_FORWARDING, ENABLE_IPT_LOCAL_NAT)",
        _ => throw new InvalidOperationException($"No reason for {objection}."),
    };
}
