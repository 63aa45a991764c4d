using System.Buffers;
using System.Diagnostics.CodeAnalysis;

namespace Fwknop.Protocol;

/// <summary>
/// Decrypted text to message (protocol.md 3.10), in the reference's order of checks, strict as <see cref="CanonicalForm"/> says.
/// <code>
/// rand ':' b64(user) ':' timestamp ':' version ':' type ':' b64(message)
///      [':' b64(nat_access)] [':' b64(server_auth)] [':' timeout] ':' digest
/// </code>
/// </summary>
internal static class MessageDecoder
{
    private const int MinSeparators = 6;

    // The reference looks at no more separators than this; what follows the last of them then has no digest's length.
    private const int MaxSeparators = 11;

    private const int MaxFieldText = 256;
    private const int MaxUsernameText = 64;
    private const int MaxTimestampText = 12;
    private const int MaxVersionText = 8;
    private const int MaxTypeText = 2;

    /// <summary>Digest types by the length of their text; the first that matches is the type (protocol.md 3.9).</summary>
    private static readonly DigestType[] DigestTypes =
    [
        DigestType.Md5, DigestType.Sha1, DigestType.Sha256, DigestType.Sha3_256, DigestType.Sha384, DigestType.Sha512, DigestType.Sha3_512,
    ];

    private static readonly SearchValues<byte> Digits = SearchValues.Create("0123456789"u8);

    /// <summary>Splits the digest off and checks it.</summary>
    /// <param name="plaintext">Without padding.</param>
    /// <param name="isOpenPgp">How the packet was encrypted.</param>
    /// <param name="encoded">The encoded message, which the digest covers.</param>
    /// <param name="type">The digest's type.</param>
    /// <param name="why">The reason for failure.</param>
    public static bool TryVerifyDigest(
        ReadOnlySpan<byte> plaintext, bool isOpenPgp, out ReadOnlySpan<byte> encoded, out DigestType type, out Rejection why)
    {
        encoded = default;
        type = default;
        why = CheckShape(plaintext, isOpenPgp);
        if (why != Rejection.None)
        {
            return false;
        }

        int last = plaintext.LastIndexOf((byte)':');
        encoded = plaintext[..last];
        ReadOnlySpan<byte> digest = plaintext[(last + 1)..];
        Span<byte> expected = stackalloc byte[PacketHash.MaxText];
        why = Rejection.InvalidDigestType;
        foreach (DigestType candidate in DigestTypes)
        {
            if (PacketHash.TextLength((HmacType)candidate) != digest.Length)
            {
                continue;
            }

            if (!PacketHash.IsSupported(candidate))
            {
                why = Rejection.UnsupportedFeature;
                continue;
            }

            int length = PacketHash.WriteDigest(candidate, encoded, expected);
            if (digest.SequenceEqual(expected[..length]))
            {
                type = candidate;
                why = Rejection.None;
                return true;
            }

            why = Rejection.DigestVerificationFailed;
        }

        return false;
    }

    /// <summary>Reads the fields of an encoded message whose digest was checked.</summary>
    public static bool TryReadFields(ReadOnlySpan<byte> encoded, [NotNullWhen(true)] out SpaMessage? message, out Rejection why)
    {
        message = null;
        FieldReader fields = new(encoded);
        ReadOnlySpan<byte> random = fields.Next();
        if (random.Length < Limits.RandomValue)
        {
            why = Rejection.DecodeRandMissing;
            return false;
        }

        Span<byte> username = stackalloc byte[MaxUsernameText];
        why = ReadUsername(fields.Next(), ref username);
        if (why != Rejection.None)
        {
            return false;
        }

        ReadOnlySpan<byte> timestampText = fields.Next();
        bool timestampIsNumber = CanonicalForm.TryReadNumber(timestampText, int.MaxValue, out int timestamp);
        ReadOnlySpan<byte> version = fields.Next();
        why = timestampText.IsEmpty ? Rejection.DecodeTimestampMissing
            : timestampText.Length > MaxTimestampText ? Rejection.DecodeTimestampTooBig
            : !timestampIsNumber ? Rejection.DecodeTimestampNotDecodable
            : version.IsEmpty ? Rejection.DecodeVersionMissing
            : version.Length > MaxVersionText ? Rejection.DecodeVersionTooBig
            : Rejection.None;
        if (why != Rejection.None)
        {
            return false;
        }

        int separators = fields.Rest.Count((byte)':');
        why = ReadType(fields.Next(), separators, out MessageType type);
        if (why != Rejection.None)
        {
            return false;
        }

        message = new SpaMessage
        {
            RandomValue = new FieldText(random[..Limits.RandomValue]),
            Username = new FieldText(username),
            Timestamp = timestamp,
            Version = new FieldText(version),
            Type = type,
            Message = default,
        };
        why = ReadRequest(ref fields, ref message);
        if (why == Rejection.None)
        {
            return true;
        }

        message = null;
        return false;
    }

    private static Rejection CheckShape(ReadOnlySpan<byte> plaintext, bool isOpenPgp)
    {
        // It shows a wrong symmetric key. OpenPGP notices wrong keys itself, and the random value may be any 16 bytes and more (protocol.md 3.2).
        bool hasRandomValue = isOpenPgp || plaintext.Length > Limits.RandomValue
            && !plaintext[..Limits.RandomValue].ContainsAnyExcept(Digits) && plaintext[Limits.RandomValue] == (byte)':';
        int separators = plaintext.Count((byte)':');
        int nul = plaintext.IndexOf((byte)0);
        ReadOnlySpan<byte> text = nul < 0 ? plaintext : plaintext[..nul];
        return plaintext.Length is < Limits.MinText or > Limits.MaxText ? Rejection.DecodeMessageLengthInvalid
            : !hasRandomValue ? Rejection.DecryptionFailure
            : text.ContainsAnyExceptInRange((byte)0x20, (byte)0x7E) ? Rejection.DecodeNonAscii
            : separators < MinSeparators ? Rejection.DecodeLessThanMinFields
            : separators > MaxSeparators ? Rejection.InvalidDigestType
            : nul >= 0 ? Rejection.DigestVerificationFailed
            : Rejection.None;
    }

    private static Rejection ReadUsername(ReadOnlySpan<byte> text, ref Span<byte> username)
    {
        if (text.IsEmpty)
        {
            return Rejection.DecodeUsernameMissing;
        }

        if (text.Length > MaxUsernameText)
        {
            return Rejection.DecodeUsernameTooBig;
        }

        if (!SpaBase64.TryDecode(text, username, out int length))
        {
            return Rejection.DecodeUsernameNotDecodable;
        }

        username = username[..length];
        return MessageRules.CheckUsername(username) == Rejection.None ? Rejection.None : Rejection.DecodeUsernameInvalid;
    }

    private static Rejection ReadType(ReadOnlySpan<byte> text, int separators, out MessageType type)
    {
        bool isNumber = CanonicalForm.TryReadNumber(text, (int)MessageType.ClientTimeoutLocalNatAccess, out int number);
        type = (MessageType)number;
        return text.IsEmpty ? Rejection.DecodeMessageTypeMissing
            : text.Length > MaxTypeText ? Rejection.DecodeMessageTypeTooBig
            : !isNumber ? Rejection.DecodeMessageTypeNotDecodable
            : separators > AllowedSeparators(type) ? Rejection.DecodeWrongNumFields
            : Rejection.None;
    }

    // Separators from the type field on: the required fields and one server_auth (protocol.md 3.5).
    private static int AllowedSeparators(MessageType type) => type switch
    {
        MessageType.Command or MessageType.Access => 2,
        MessageType.ClientTimeoutNatAccess or MessageType.ClientTimeoutLocalNatAccess => 4,
        _ => 3,
    };

    private static Rejection ReadRequest(ref FieldReader fields, ref SpaMessage message)
    {
        Rejection why = ReadMessage(fields.Next(), message.Type, out FieldText text);
        message = message with { Message = text };
        if (why == Rejection.None && MessageRules.CarriesNatAccess(message.Type))
        {
            why = ReadNatAccess(fields.Next(), out FieldText natAccess);
            message = message with { NatAccess = natAccess };
        }

        return why == Rejection.None ? ReadTail(ref fields, ref message) : why;
    }

    private static Rejection ReadMessage(ReadOnlySpan<byte> text, MessageType type, out FieldText message)
    {
        Span<byte> bytes = stackalloc byte[MaxFieldText];
        message = default;
        if (text.IsEmpty)
        {
            return Rejection.DecodeMessageMissing;
        }

        if (text.Length > MaxFieldText)
        {
            return Rejection.DecodeMessageTooBig;
        }

        if (!SpaBase64.TryDecode(text, bytes, out int length))
        {
            return Rejection.DecodeMessageNotDecodable;
        }

        message = new FieldText(bytes[..length]);
        return MessageRules.CheckMessage(type, bytes[..length]) == Rejection.None ? Rejection.None
            : type == MessageType.Command ? Rejection.DecodeMessageInvalid
            : Rejection.DecodeAccessInvalid;
    }

    private static Rejection ReadNatAccess(ReadOnlySpan<byte> text, out FieldText natAccess)
    {
        Span<byte> bytes = stackalloc byte[MaxFieldText];
        natAccess = default;
        if (text.IsEmpty)
        {
            return Rejection.DecodeNatAccessMissing;
        }

        if (text.Length > MaxFieldText)
        {
            return Rejection.DecodeNatAccessTooBig;
        }

        if (!SpaBase64.TryDecode(text, bytes, out int length))
        {
            return Rejection.DecodeNatAccessNotDecodable;
        }

        natAccess = new FieldText(bytes[..length]);
        return MessageRules.IsNatAccess(bytes[..length]) ? Rejection.None : Rejection.DecodeNatAccessInvalid;
    }

    // What is left is server_auth, timeout, or both (protocol.md 3.7).
    private static Rejection ReadTail(ref FieldReader fields, ref SpaMessage message)
    {
        bool carriesTimeout = MessageRules.CarriesTimeout(message.Type);
        if (fields.Rest.Length > MaxFieldText)
        {
            return Rejection.DecodeServerAuthMissing;
        }

        bool hasServerAuth = carriesTimeout ? fields.Rest.Contains((byte)':') : fields.HasMore;
        if (hasServerAuth)
        {
            Rejection badText = carriesTimeout ? Rejection.DecodeExtraNotDecodable : Rejection.DecodeServerAuthNotDecodable;
            Rejection why = ReadServerAuth(fields.Next(), badText, out FieldText serverAuth);
            if (why != Rejection.None)
            {
                return why;
            }

            message = message with { ServerAuth = serverAuth };
        }

        return carriesTimeout ? ReadTimeout(fields.Next(), ref message) : Rejection.None;
    }

    private static Rejection ReadServerAuth(ReadOnlySpan<byte> text, Rejection badText, out FieldText serverAuth)
    {
        // The one field whose leftover bits are let pass: it has no content that anybody reads, and peers fill it freely.
        Span<byte> bytes = stackalloc byte[MaxFieldText];
        serverAuth = default;
        if (!SpaBase64.IsAlphabet(text) || !SpaBase64.TryDecodeLenient(text, bytes, out int length))
        {
            return badText;
        }

        serverAuth = new FieldText(bytes[..length]);
        return length == 0 || bytes[..length].Contains((byte)0) ? Rejection.NotCanonical : Rejection.None;
    }

    private static Rejection ReadTimeout(ReadOnlySpan<byte> text, ref SpaMessage message)
    {
        if (text.IsEmpty)
        {
            return Rejection.DecodeTimeoutMissing;
        }

        if (text.ContainsAnyExcept(Digits))
        {
            return Rejection.DecodeTimeoutInvalid;
        }

        if (text[0] == (byte)'0')
        {
            return Rejection.NotCanonical;
        }

        bool inRange = CanonicalForm.TryReadNumber(text, Limits.ClientTimeout, out int seconds);
        message = message with { ClientTimeout = seconds };
        return inRange ? Rejection.None : Rejection.DecodeTimeoutNotDecodable;
    }

    /// <summary>Takes the fields off the front, one by one.</summary>
    private ref struct FieldReader(ReadOnlySpan<byte> text)
    {
        /// <summary>What has not been read, without the separator in front of it.</summary>
        public ReadOnlySpan<byte> Rest { get; private set; } = text;

        /// <summary>False after the last field; an empty last field still counts as one.</summary>
        public bool HasMore { get; private set; } = true;

        /// <summary>The next field; empty when there is none.</summary>
        public ReadOnlySpan<byte> Next()
        {
            int separator = Rest.IndexOf((byte)':');
            HasMore = separator >= 0;
            ReadOnlySpan<byte> field = HasMore ? Rest[..separator] : Rest;
            Rest = HasMore ? Rest[(separator + 1)..] : default;
            return field;
        }
    }
}
