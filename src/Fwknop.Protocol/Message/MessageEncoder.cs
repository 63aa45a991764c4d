using System.Buffers.Text;

namespace Fwknop.Protocol;

/// <summary>
/// Message to encoded text (protocol.md 3.1). Refuses what the reference's encoder refuses, and also what its encoder makes but
/// no decoder reads.
/// </summary>
internal static class MessageEncoder
{
    /// <summary>Checks every field against the encoder's and the decoder's limits.</summary>
    /// <param name="message">The message.</param>
    /// <param name="wireType">The type that goes on the wire.</param>
    public static Rejection Check(SpaMessage message, out MessageType wireType)
    {
        wireType = MessageRules.ForcedType(message.Type, message.NatAccess is not null, message.ClientTimeout);
        Rejection[] checks =
        [
            CheckRandomValue(message.RandomValue.Span),
            MessageRules.CheckUsername(message.Username.Span),
            message.Timestamp < 0 ? Rejection.TimestampInvalid : Rejection.None,
            CheckVersion(message.Version.Span),
            message.Type > MessageType.ClientTimeoutLocalNatAccess ? Rejection.MessageTypeInvalid : Rejection.None,
            MessageRules.CheckMessage(wireType, message.Message.Span),
            message.NatAccess is { } nat ? MessageRules.CheckNatAccess(nat.Span) : Rejection.None,
            message.ServerAuth is { } auth ? MessageRules.CheckServerAuth(auth.Span) : Rejection.None,
            MessageRules.CheckClientTimeout(message.ClientTimeout),
            MessageRules.CarriesNatAccess(wireType) && message.NatAccess is null ? Rejection.IncompleteSpaData : Rejection.None,

            // From here on: what the encoder would make and no decoder would read (protocol.md 3.1).
            message.Username.Length > Limits.UsernameDecoded ? Rejection.DecodeUsernameTooBig : Rejection.None,
            message.Timestamp > int.MaxValue ? Rejection.DecodeTimestampNotDecodable : Rejection.None,
            message.Message.Length > Limits.MessageDecoded ? Rejection.DecodeMessageTooBig : Rejection.None,
            message.ClientTimeout > Limits.ClientTimeout ? Rejection.DecodeTimeoutNotDecodable : Rejection.None,
            message.ServerAuth is { } text && text.Span.Contains((byte)0) ? Rejection.NotCanonical : Rejection.None,
        ];
        return Array.Find(checks, why => why != Rejection.None);
    }

    /// <summary>Writes the encoded message of a checked message.</summary>
    /// <param name="message">Checked by <see cref="Check"/>.</param>
    /// <param name="wireType">From <see cref="Check"/>.</param>
    /// <param name="text">At least <see cref="Limits.MaxText"/> bytes; every checked message fits.</param>
    /// <returns>Bytes written.</returns>
    public static int Write(SpaMessage message, MessageType wireType, Span<byte> text)
    {
        Writer writer = new(text);
        writer.Raw(message.RandomValue.Span);
        writer.Base64(message.Username.Span);
        writer.Number(message.Timestamp);
        writer.Field(message.Version.Span);
        writer.Number((long)wireType);
        writer.Base64(message.Message.Span);
        if (message.NatAccess is { } natAccess)
        {
            writer.Base64(natAccess.Span);
        }

        if (message.ServerAuth is { } serverAuth)
        {
            writer.Base64(serverAuth.Span);
        }

        if (message.ClientTimeout > 0 && wireType != MessageType.Command)
        {
            writer.Number(message.ClientTimeout);
        }

        return writer.Length;
    }

    /// <summary>Length of the encoded message, which need not have been checked.</summary>
    public static int Measure(SpaMessage message, MessageType wireType)
    {
        const int numbers = 64;
        int fields = message.RandomValue.Length + message.Username.Length + message.Version.Length + message.Message.Length
            + (message.NatAccess?.Length ?? 0) + (message.ServerAuth?.Length ?? 0);

        // Base64 makes at most two characters of a byte.
        return Write(message, wireType, new byte[(2 * fields) + numbers]);
    }

    private static Rejection CheckRandomValue(ReadOnlySpan<byte> digits) =>
        digits.Length != Limits.RandomValue || digits.ContainsAnyExceptInRange((byte)'0', (byte)'9')
            ? Rejection.RandLengthInvalid
            : Rejection.None;

    private static Rejection CheckVersion(ReadOnlySpan<byte> version) =>
        version.IsEmpty ? Rejection.DecodeVersionMissing
        : version.Length > 8 ? Rejection.DecodeVersionTooBig
        : version.Contains((byte)':') || version.ContainsAnyExceptInRange((byte)0x20, (byte)0x7E) ? Rejection.DecodeNonAscii
        : Rejection.None;

    private ref struct Writer(Span<byte> text)
    {
        private readonly Span<byte> _text = text;

        public int Length { get; private set; }

        public void Raw(ReadOnlySpan<byte> bytes)
        {
            bytes.CopyTo(_text[Length..]);
            Length += bytes.Length;
        }

        public void Field(ReadOnlySpan<byte> bytes)
        {
            Raw(":"u8);
            Raw(bytes);
        }

        public void Base64(ReadOnlySpan<byte> bytes)
        {
            Raw(":"u8);
            Length += SpaBase64.Encode(bytes, _text[Length..]);
        }

        public void Number(long value)
        {
            Raw(":"u8);
            Utf8Formatter.TryFormat(value, _text[Length..], out int written);
            Length += written;
        }
    }
}
