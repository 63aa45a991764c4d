using Fwknop.Configuration.Access;
using Fwknop.Grants;
using Fwknop.Listener.Authentication;
using Fwknop.Listener.Capture;
using Fwknop.Protocol;

namespace Fwknop.Listener.Explaining;

/// <summary>Tells what one stanza finds about a packet (server.md 6, steps 7 to 27): whether its keys open it, what it says, and all that stands against it.</summary>
/// <param name="setup">What the daemon would hand to its listener.</param>
/// <param name="opener">Opens packets; has the answers of gpg for the one at hand.</param>
/// <param name="replays">Packets that were seen; null where that is not checked.</param>
/// <param name="report">Where it is told.</param>
internal sealed class StanzaExplainer(ListenerSetup setup, PacketOpener opener, ReplayMemory? replays, Report report)
{
    private readonly StanzaObjections _objections = new(setup, replays);
    private readonly StanzaEffects _effects = new(setup);

    /// <summary>How a stanza is called.</summary>
    public static string NameOf(AccessStanza stanza) => $"Stanza #{stanza.Number}{(stanza.Name is null ? "" : " ")}{stanza.Name}";

    /// <summary>Explains what one stanza finds.</summary>
    /// <param name="stanza">The stanza.</param>
    /// <param name="datagram">The packet.</param>
    /// <param name="text">Its text, screened.</param>
    /// <param name="known">What is known of its way.</param>
    /// <param name="now">The server's clock.</param>
    /// <returns>True when the stanza would grant it.</returns>
    public bool Explain(AccessStanza stanza, in Datagram datagram, ReadOnlySpan<byte> text, KnownOrigin known, DateTimeOffset now)
    {
        List<string> objections = StanzaObjections.ToWay(stanza, datagram, known, now);
        Opening opening = opener.Open(stanza, text);
        if (opening.Message is not { } authentic)
        {
            report.Write(1, $"{NameOf(stanza)}: does not open the packet");
            report.Write(2, UnopenedPacket.Describe(opening, text));
            WriteAll("Besides: ", objections);
            return false;
        }

        SpaMessage message = authentic.Message;
        objections.AddRange(_objections.ToSigner(stanza, authentic));
        objections.AddRange(_objections.ToMessage(stanza, message, now));
        string? effect = _effects.Describe(stanza, message, datagram, known, out string? refusal);
        if (refusal is not null)
        {
            objections.Add(refusal);
        }

        if (StanzaObjections.ToPassword(stanza, message, now) is { } wrongPassword)
        {
            objections.Add(wrongPassword);
        }

        report.Write(1, $"{NameOf(stanza)}: {(objections.Count == 0 ? "grants" : "refuses")}");
        WriteMessage(authentic, now);
        WriteAll("Refused: ", objections);
        if (effect is not null)
        {
            report.Write(2, objections.Count == 0 ? effect : $"Apart from that: {effect}");
        }

        WriteAll("Not checked: ", NotChecked(stanza, known));
        return objections.Count == 0;
    }

    private void WriteMessage(AuthenticMessage authentic, DateTimeOffset now)
    {
        SpaMessage message = authentic.Message;
        if (authentic.Signature is { } signature)
        {
            report.Write(2, $"Signed by: {signature.Fingerprint}");
        }

        long ahead = message.Timestamp - now.ToUnixTimeSeconds();
        string clock = ahead == 0 ? "now" : $"{Math.Abs(ahead)} seconds {(ahead < 0 ? "ago" : "ahead")}";
        report.Write(2, $"User: {message.Username}");
        report.Write(2, $"Time: {Report.Time(message.Timestamp)}, {clock}");
        report.Write(2, $"Message: {message.Message} (type {(int)message.Type})");
        if (message.NatAccess is { } nat)
        {
            report.Write(2, $"NAT: {nat}");
        }

        if (message.ClientTimeout > 0)
        {
            report.Write(2, $"Asks for: {message.ClientTimeout} seconds");
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
}
