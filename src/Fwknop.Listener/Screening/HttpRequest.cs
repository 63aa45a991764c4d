using System.Buffers;
using System.Text;
using Fwknop.Protocol;

namespace Fwknop.Listener.Screening;

/// <summary>A packet in the path of an HTTP request (server.md 5.6): <c>GET /text HTTP/1.1</c>.</summary>
internal static class HttpRequest
{
    /// <summary>Bytes of a request with all its header lines (our choice; a proxy adds some).</summary>
    public const int MaxLength = 4096;

    private static readonly SearchValues<byte> WhiteSpace = SearchValues.Create(" \t\r\n\v\f"u8);

    private static ReadOnlySpan<byte> Method => "GET /"u8;

    /// <summary>True when the payload begins like a request, in any case.</summary>
    public static bool IsRequest(ReadOnlySpan<byte> payload) =>
        payload.Length > Method.Length && Ascii.EqualsIgnoreCase(payload[..Method.Length], Method);

    /// <summary>True for a request with the empty line that ends its header.</summary>
    public static bool IsComplete(ReadOnlySpan<byte> payload) =>
        IsRequest(payload) && (payload.IndexOf("\r\n\r\n"u8) >= 0 || payload.IndexOf("\n\n"u8) >= 0);

    /// <summary>Takes the path up to the first white space and turns <c>-</c> and <c>_</c> back into <c>+</c> and <c>/</c>.</summary>
    /// <param name="payload">A request.</param>
    /// <param name="allowAnyUserAgent">ALLOW_ANY_USER_AGENT.</param>
    /// <param name="scratch">At least <see cref="Limits.MaxDatagram"/> bytes, where the text is put.</param>
    /// <param name="text">The packet text.</param>
    public static Outcome Extract(ReadOnlySpan<byte> payload, bool allowAnyUserAgent, Span<byte> scratch, out ReadOnlySpan<byte> text)
    {
        text = default;
        if (!allowAnyUserAgent && payload.IndexOf("User-Agent: Fwknop"u8) < 0)
        {
            return Outcome.BadData;
        }

        ReadOnlySpan<byte> path = payload[Method.Length..];
        int end = path.IndexOfAny(WhiteSpace);
        path = end < 0 ? path : path[..end];
        if (path.Length > Limits.MaxDatagram)
        {
            return Outcome.BadData;
        }

        path.CopyTo(scratch);
        Span<byte> translated = scratch[..path.Length];
        translated.Replace((byte)'-', (byte)'+');
        translated.Replace((byte)'_', (byte)'/');
        text = translated;
        return Outcome.None;
    }
}
