using System.Net;
using Fwknop.Configuration;
using Fwknop.Configuration.Access;
using Fwknop.Grants;
using Fwknop.Listener.Capture;
using Fwknop.Listener.Policy;
using Fwknop.Listener.Screening;
using Fwknop.Protocol;

namespace Fwknop.Listener.Explaining;

/// <summary>What a stanza does for a message when nothing else stands against it: ports or a command (server.md 6, steps 17, 20 and 23 to 27).</summary>
/// <param name="setup">What the daemon would hand to its listener.</param>
internal sealed class StanzaEffects(ListenerSetup setup)
{
    /// <summary>The effect as a line.</summary>
    /// <param name="stanza">The stanza.</param>
    /// <param name="message">What it has opened.</param>
    /// <param name="datagram">The packet.</param>
    /// <param name="known">What is known of its way.</param>
    /// <param name="refusal">Why there is none; else null.</param>
    public string? Describe(AccessStanza stanza, SpaMessage message, in Datagram datagram, KnownOrigin known, out string? refusal)
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
        refusal = WhyNoWay(stanza, GrantRouting.Route(stanza, request, ports, setup.Nat, out IReadOnlyList<GrantPart> parts));
        return refusal is null ? PortsOpened(stanza, message, parts, allow) : null;
    }

    private static string? WhyNoWay(AccessStanza stanza, GrantRefusal refusal) => refusal switch
    {
        GrantRefusal.NatPortInvalid => stanza.Nat.Targets.Count > 0
            ? "what is to be forwarded is no single port, not to one, or one that no FORCE_NAT is for"
            : "what is to be forwarded is no single port, or not to one",
        GrantRefusal.NatAddressInvalid => "the host to forward to is no address of the family that is granted, or one that no other host can have",
        GrantRefusal.NatTargetDenied => $"the host or port to forward to is one that NAT_TARGETS {stanza.Nat.AllowedTargets} does not have{(stanza.Nat.ForwardsAll ? " with all ports (FORWARD_ALL)" : "")}",
        GrantRefusal.PortDenied => $"the port of this host to forward to is one that RESTRICT_PORTS {stanza.RestrictPorts} has",
        GrantRefusal.NatNameInvalid => "the host to forward to has a name that no host can have",
        GrantRefusal.NatNameDisabled => "the host to forward to is named, and ENABLE_NAT_DNS is N",

        // That it is not enabled is among the objections.
        _ => null,
    };

    private static string PortsOpened(AccessStanza stanza, SpaMessage message, IReadOnlyList<GrantPart> parts, IPAddress? allow)
    {
        string ports = string.Join(',', parts.Select(part =>
            (stanza.Nat.ForwardsAll && part.Route is not null ? PortRange.Everything.ToString() : string.Join(',', part.Ports))
            + (part.Route?.ToString() is { Length: > 0 } way ? $" (to {way}{Condition(stanza, part.Route)})" : "")));
        string who = allow is null ? "the address that the packet comes from" : NetworkOf(stanza, allow);
        return stanza.Cycle is null
            ? $"Opens: {ports} for {who} for {stanza.GrantSeconds(message.ClientTimeout)} seconds"
            : $"Runs CMD_CYCLE_OPEN for: {ports} for {who}";
    }

    /// <summary>Names are looked up by the daemon, and here not at all.</summary>
    private static string Condition(AccessStanza stanza, NatRoute route) =>
        route is { Kind: NatKind.Forward, Name: not null } && stanza.Nat.AllowedTargets is { } allowed ? $" if NAT_TARGETS {allowed} has its address" : "";

    private static string PortRules(AccessStanza stanza) =>
        (stanza.OpenPorts, stanza.RestrictPorts) switch
        {
            (null, { } restricted) => $"RESTRICT_PORTS {restricted} has",
            ({ } open, null) => $"OPEN_PORTS {open} does not have",
            var (open, restricted) => $"OPEN_PORTS {open} does not have, or RESTRICT_PORTS {restricted} has",
        };

    private static string NetworkOf(AccessStanza stanza, IPAddress address) =>
        stanza.Prefix == GrantPrefix.Host ? address.ToString() : stanza.Prefix.NetworkOf(address).ToString();
}
