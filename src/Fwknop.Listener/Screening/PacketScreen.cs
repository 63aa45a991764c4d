using Fwknop.Protocol;

namespace Fwknop.Listener.Screening;

/// <summary>
/// The checks that cost next to nothing, on bytes that anybody may have sent (server.md 6, steps 1 to 4). Pure; no allocation.
/// </summary>
internal static class PacketScreen
{
    /// <summary>Finds the packet text in a payload.</summary>
    /// <param name="payload">As received.</param>
    /// <param name="rules">What is accepted.</param>
    /// <param name="scratch">At least <see cref="Limits.MaxDatagram"/> bytes, for text that had to be translated.</param>
    /// <param name="text">The packet text.</param>
    /// <param name="why"><see cref="Outcome.BadData"/> or <see cref="Outcome.NotSpaData"/>.</param>
    public static bool TryScreen(
        ReadOnlySpan<byte> payload, ScreeningRules rules, Span<byte> scratch, out ReadOnlySpan<byte> text, out Outcome why)
    {
        text = payload;
        bool isHttp = rules.AcceptHttp && HttpRequest.IsRequest(payload);
        if (isHttp ? payload.Length > HttpRequest.MaxLength : HasBadShape(payload))
        {
            why = Outcome.BadData;
            return false;
        }

        if (isHttp)
        {
            why = HttpRequest.Extract(payload, rules.AllowAnyUserAgent, scratch, out text);
            if (why != Outcome.None)
            {
                return false;
            }

            // The reference checks for prefixes only before it unwraps: a recorded packet with its prefix put back then passes its
            // replay check (protocol.md 14).
            if (HasBadShape(text))
            {
                why = Outcome.BadData;
                return false;
            }
        }

        why = SpaBase64.LooksLikeBase64(text) ? Outcome.None : Outcome.NotSpaData;
        return why == Outcome.None;
    }

    // Two prefixes never travel: that of every symmetric packet, and that of an OpenPGP packet (steps 2 and 3).
    private static bool HasBadShape(ReadOnlySpan<byte> text) =>
        text.Length is < Limits.MinDatagram or > Limits.MaxDatagram
        || text.StartsWith("U2FsdGVkX1"u8)
        || (text.Length > Limits.OpenPgpText && text.StartsWith("hQ"u8));
}
