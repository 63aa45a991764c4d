using System.Buffers;
using System.Buffers.Text;

namespace Fwknop.Protocol;

/// <summary>
/// Base64 as the packet uses it (protocol.md 2): RFC 4648 alphabet, no padding, no line breaks.
/// On decoding packets one value has one spelling: leftover bits must be zero. Keys in settings are read leniently.
/// </summary>
public static class SpaBase64
{
    private static readonly SearchValues<byte> Alphabet =
        SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"u8);

    /// <summary>True when every byte is a letter, digit, <c>+</c> or <c>/</c>.</summary>
    internal static bool IsAlphabet(ReadOnlySpan<byte> text) => !text.ContainsAnyExcept(Alphabet);

    /// <summary>True when every byte may stand in a base64 setting: the alphabet and <c>=</c> anywhere (protocol.md 2).</summary>
    public static bool LooksLikeBase64(ReadOnlySpan<byte> text)
    {
        while (true)
        {
            int other = text.IndexOfAnyExcept(Alphabet);
            if (other < 0)
            {
                return true;
            }

            if (text[other] != (byte)'=')
            {
                return false;
            }

            text = text[(other + 1)..];
        }
    }

    /// <summary>Characters that <paramref name="bytes"/> bytes take without padding.</summary>
    public static int EncodedLength(int bytes) => (bytes * 4 + 2) / 3;

    /// <summary>Writes base64 without padding.</summary>
    /// <returns>The number of characters written, <see cref="EncodedLength"/>.</returns>
    /// <exception cref="ArgumentException"><paramref name="text"/> is too short.</exception>
    internal static int Encode(ReadOnlySpan<byte> bytes, Span<byte> text)
    {
        int whole = bytes.Length / 3 * 3;
        if (Base64.EncodeToUtf8(bytes[..whole], text, out _, out int written) != OperationStatus.Done)
        {
            throw new ArgumentException("The destination is too short.", nameof(text));
        }

        ReadOnlySpan<byte> rest = bytes[whole..];
        if (rest.IsEmpty)
        {
            return written;
        }

        Span<byte> last = stackalloc byte[4];
        Base64.EncodeToUtf8(rest, last, out _, out _);
        last[..(rest.Length + 1)].CopyTo(text[written..]);
        System.Security.Cryptography.CryptographicOperations.ZeroMemory(last);
        return written + rest.Length + 1;
    }

    /// <summary>
    /// Reads base64 without padding in its one spelling: only the alphabet, no lone last character, leftover bits zero.
    /// </summary>
    /// <param name="text">The characters.</param>
    /// <param name="bytes">At least three quarters of the text's length.</param>
    /// <param name="written">The number of bytes written.</param>
    internal static bool TryDecode(ReadOnlySpan<byte> text, Span<byte> bytes, out int written)
    {
        written = 0;
        int tail = text.Length % 4;
        if (tail == 1 || !IsAlphabet(text))
        {
            return false;
        }

        ReadOnlySpan<byte> whole = text[..^tail];
        if (Base64.DecodeFromUtf8(whole, bytes, out _, out written) != OperationStatus.Done)
        {
            return false;
        }

        return tail == 0 || TryDecodeTail(text[^tail..], bytes, ref written);
    }

    /// <summary>
    /// Reads base64 as the reference reads keys: stops at the first <c>=</c>, drops leftover bits, any other character fails.
    /// </summary>
    public static bool TryDecodeLenient(ReadOnlySpan<byte> text, Span<byte> bytes, out int written)
    {
        written = 0;
        int padding = text.IndexOf((byte)'=');
        ReadOnlySpan<byte> digits = padding < 0 ? text : text[..padding];
        if (!IsAlphabet(digits) || bytes.Length < digits.Length * 3 / 4)
        {
            return false;
        }

        uint bits = 0;
        int held = 0;
        foreach (byte digit in digits)
        {
            bits = (bits << 6) | SixBits(digit);
            held += 6;
            if (held >= 8)
            {
                held -= 8;
                bytes[written++] = (byte)(bits >> held);
            }
        }

        return true;
    }

    private static bool TryDecodeTail(ReadOnlySpan<byte> tail, Span<byte> bytes, ref int written)
    {
        uint bits = 0;
        foreach (byte digit in tail)
        {
            bits = (bits << 6) | SixBits(digit);
        }

        int leftover = tail.Length == 2 ? 4 : 2;
        if ((bits & ((1u << leftover) - 1)) != 0 || bytes.Length < written + tail.Length - 1)
        {
            return false;
        }

        bits >>= leftover;
        for (int i = tail.Length - 2; i >= 0; i--)
        {
            bytes[written++] = (byte)(bits >> (8 * i));
        }

        return true;
    }

    private static uint SixBits(byte digit) => digit switch
    {
        >= (byte)'A' and <= (byte)'Z' => (uint)(digit - 'A'),
        >= (byte)'a' and <= (byte)'z' => (uint)(digit - 'a' + 26),
        >= (byte)'0' and <= (byte)'9' => (uint)(digit - '0' + 52),
        (byte)'+' => 62,
        _ => 63,
    };
}
