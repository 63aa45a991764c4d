using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Fwknop.Protocol;

/// <summary>
/// Time-based one-time passwords (RFC 6238 with HMAC-SHA-1, as authenticator programs have it). A packet carries one in the field for server
/// authentication, which the format leaves without content (protocol.md 3.7): <c>totp:123456</c>. Ours; the reference ignores the field.
/// </summary>
public static class OneTimePassword
{
    /// <summary>The fewest digits.</summary>
    public const int MinDigits = 6;

    /// <summary>The most digits.</summary>
    public const int MaxDigits = 8;

    private const string Prefix = "totp:";

    /// <summary>The field of a packet for a password.</summary>
    /// <param name="code">6 to 8 decimal digits.</param>
    /// <param name="field">What <see cref="SpaMessage.ServerAuth"/> is to be.</param>
    /// <returns>False when the code is no such number.</returns>
    public static bool TryMakeField(string code, out FieldText field)
    {
        ArgumentNullException.ThrowIfNull(code);
        bool isCode = code.Length is >= MinDigits and <= MaxDigits && code.All(char.IsAsciiDigit);
        field = isCode ? FieldText.FromString(Prefix + code) : default;
        return isCode;
    }

    /// <summary>
    /// Finds the step of time whose password a packet carries, one step around now. All three are computed and compared in constant time.
    /// </summary>
    /// <param name="field">The packet's field, or null.</param>
    /// <param name="secret">The shared secret.</param>
    /// <param name="digits">Digits of a password, 6 to 8.</param>
    /// <param name="period">Seconds of a step.</param>
    /// <param name="now">The server's clock.</param>
    /// <param name="step">The number of the step (RFC 6238, section 4.2).</param>
    public static bool TryMatch(
        FieldText? field, ReadOnlySpan<byte> secret, int digits, int period, DateTimeOffset now, [NotNullWhen(true)] out long? step)
    {
        step = null;
        ReadOnlySpan<byte> text = field is { } given ? given.Span : default;
        long current = now.ToUnixTimeSeconds() / period;
        for (long candidate = current - 1; candidate <= current + 1; candidate++)
        {
            byte[] expected = Encoding.ASCII.GetBytes(Prefix + Compute(secret, candidate, digits));
            step = CryptographicOperations.FixedTimeEquals(text, expected) ? candidate : step;
        }

        return step is not null;
    }

    /// <summary>The password of a step (RFC 4226, section 5.3).</summary>
    /// <param name="secret">The shared secret.</param>
    /// <param name="step">The number of the step.</param>
    /// <param name="digits">6 to 8.</param>
    public static string Compute(ReadOnlySpan<byte> secret, long step, int digits)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(digits, MinDigits);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(digits, MaxDigits);
        Span<byte> counter = stackalloc byte[sizeof(long)];
        Span<byte> hash = stackalloc byte[HMACSHA1.HashSizeInBytes];
        BinaryPrimitives.WriteInt64BigEndian(counter, step);
#pragma warning disable CA5350 // RFC 6238 and the authenticator programs have SHA-1; HMAC does not rest on its collision resistance.
        HMACSHA1.HashData(secret, counter, hash);
#pragma warning restore CA5350
        int offset = hash[^1] & 0xf;
        int number = BinaryPrimitives.ReadInt32BigEndian(hash[offset..]) & int.MaxValue;
        string text = (number % (int)Math.Pow(10, digits)).ToString(CultureInfo.InvariantCulture);
        return text.PadLeft(digits, '0');
    }
}
