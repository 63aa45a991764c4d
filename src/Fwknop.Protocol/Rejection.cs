namespace Fwknop.Protocol;

/// <summary>
/// Every reason for which a value, a message or a packet is refused. Numbers below 200 are those of the reference (protocol.md 12),
/// which its tools print; the others are refusals of our own. <see cref="RejectionText"/> has the names and texts.
/// </summary>
public enum Rejection
{
    /// <summary>Ok.</summary>
    None = 0,

    /// <summary>Context not initialised.</summary>
    ContextNotInitialized = 1,

    /// <summary>Out of memory.</summary>
    MemoryAllocation = 2,

    /// <summary>Random source could not be read.</summary>
    FilesystemOperation = 3,

    /// <summary>A required pointer is missing.</summary>
    InvalidData = 4,

    /// <summary>Negative client timeout.</summary>
    ClientTimeoutNegative = 5,

    /// <summary>Decrypted (or inner) text not 36 to 1499 long.</summary>
    DecodeMessageLengthInvalid = 6,

    /// <summary>Non-printable byte in the plaintext.</summary>
    DecodeNonAscii = 7,

    /// <summary>Fewer than 6 separators.</summary>
    DecodeLessThanMinFields = 8,

    /// <summary>Not raised by the reference.</summary>
    DecodeMoreThanMaxFields = 9,

    /// <summary>Too many fields for the type.</summary>
    DecodeWrongNumFields = 10,

    /// <summary>Text shorter than its digest.</summary>
    DecodeDigestTooLong = 11,

    /// <summary>Rand shorter than 16 (OpenPGP).</summary>
    DecodeRandMissing = 12,

    /// <summary>Empty user.</summary>
    DecodeUsernameMissing = 13,

    /// <summary>User b64 over 64.</summary>
    DecodeUsernameTooBig = 14,

    /// <summary>User not b64.</summary>
    DecodeUsernameNotDecodable = 15,

    /// <summary>User has a forbidden character or is empty after decoding.</summary>
    DecodeUsernameInvalid = 16,

    /// <summary>Empty timestamp.</summary>
    DecodeTimestampMissing = 17,

    /// <summary>Timestamp over 12 characters.</summary>
    DecodeTimestampTooBig = 18,

    /// <summary>Timestamp negative or out of range.</summary>
    DecodeTimestampNotDecodable = 19,

    /// <summary>Empty version.</summary>
    DecodeVersionMissing = 20,

    /// <summary>Version over 8.</summary>
    DecodeVersionTooBig = 21,

    /// <summary>Empty type.</summary>
    DecodeMessageTypeMissing = 22,

    /// <summary>Type over 2 characters.</summary>
    DecodeMessageTypeTooBig = 23,

    /// <summary>Type not 0 to 6.</summary>
    DecodeMessageTypeNotDecodable = 24,

    /// <summary>Empty message.</summary>
    DecodeMessageMissing = 25,

    /// <summary>Message b64 over 256.</summary>
    DecodeMessageTooBig = 26,

    /// <summary>Message not b64.</summary>
    DecodeMessageNotDecodable = 27,

    /// <summary>Command message malformed.</summary>
    DecodeMessageInvalid = 28,

    /// <summary>Access message malformed (IP, protocol or port).</summary>
    DecodeAccessInvalid = 29,

    /// <summary>Nat_access absent or empty.</summary>
    DecodeNatAccessMissing = 30,

    /// <summary>Nat_access b64 over 256.</summary>
    DecodeNatAccessTooBig = 31,

    /// <summary>Nat_access not b64.</summary>
    DecodeNatAccessNotDecodable = 32,

    /// <summary>Nat_access malformed.</summary>
    DecodeNatAccessInvalid = 33,

    /// <summary>More than 256 characters after the message/NAT field.</summary>
    DecodeServerAuthMissing = 34,

    /// <summary>Server_auth not b64.</summary>
    DecodeServerAuthNotDecodable = 35,

    /// <summary>Not raised by the reference.</summary>
    DecodeSpaExtraTooBig = 36,

    /// <summary>Server_auth over 256 (shadowed by 34).</summary>
    DecodeExtraTooBig = 37,

    /// <summary>Server_auth not b64 (timeout types).</summary>
    DecodeExtraNotDecodable = 38,

    /// <summary>Timeout absent.</summary>
    DecodeTimeoutMissing = 39,

    /// <summary>Timeout over 256 (shadowed by 34).</summary>
    DecodeTimeoutTooBig = 40,

    /// <summary>Timeout has a non-digit.</summary>
    DecodeTimeoutInvalid = 41,

    /// <summary>Timeout over 65536.</summary>
    DecodeTimeoutNotDecodable = 42,

    /// <summary>Field to encode is 1500 bytes or more.</summary>
    EncodeMessageTooBig = 43,

    /// <summary>Encoded message not 36 to 1499.</summary>
    EncodeMessageLengthInvalid = 44,

    /// <summary>Digest type not 1 to 7 (set).</summary>
    EncodeDigestInvalid = 45,

    /// <summary>Text to hash is 1500 or more.</summary>
    EncodeDigestTooBig = 46,

    /// <summary>Packet text not base64.</summary>
    EncodeNotBase64 = 47,

    /// <summary>Encoded message length (encrypt).</summary>
    EncryptMessageLengthInvalid = 48,

    /// <summary>Digest length (encrypt).</summary>
    EncryptDigestLengthInvalid = 49,

    /// <summary>Plaintext length (encrypt).</summary>
    EncryptPlaintextLengthInvalid = 50,

    /// <summary>B64 ciphertext not 36 to 1499.</summary>
    EncryptResultMessageLengthInvalid = 51,

    /// <summary>B64 decoding failed.</summary>
    EncryptCipherLengthNotDecodable = 52,

    /// <summary>Ciphertext not whole blocks.</summary>
    EncryptCipherLengthInvalid = 53,

    /// <summary>Nothing decrypted (OpenPGP).</summary>
    EncryptDecryptedMessageMissing = 54,

    /// <summary>Decrypted length (OpenPGP).</summary>
    EncryptDecryptedMessageLengthInvalid = 55,

    /// <summary>Encoded message length (OpenPGP).</summary>
    EncryptGpgMessageInvalid = 56,

    /// <summary>Digest length (OpenPGP).</summary>
    EncryptGpgDigestInvalid = 57,

    /// <summary>Plaintext length (OpenPGP).</summary>
    EncryptGpgMessageLengthInvalid = 58,

    /// <summary>OpenPGP text not 36 to 1499.</summary>
    EncryptGpgResultMessageLengthInvalid = 59,

    /// <summary>OpenPGP text not b64.</summary>
    EncryptGpgCipherNotDecodable = 60,

    /// <summary>Not raised by the reference.</summary>
    EncryptGpgEncodedMessageNull = 61,

    /// <summary>Not raised by the reference.</summary>
    EncryptGpgEncodedMessageLengthInvalid = 62,

    /// <summary>Encryption type not 0 to 2 (set).</summary>
    EncryptTypeInvalid = 63,

    /// <summary>Encryption mode not 0 to 8.</summary>
    EncryptModeInvalid = 64,

    /// <summary>Type by length does not fit the mode.</summary>
    EncryptTypeUnknown = 65,

    /// <summary>No packet given.</summary>
    NewPacketMissing = 66,

    /// <summary>Packet not 36 to 1499.</summary>
    NewMessageLengthInvalid = 67,

    /// <summary>Key length to generate not 1 to 32.</summary>
    GenKeyLengthInvalid = 68,

    /// <summary>HMAC key length to generate not 1 to 128.</summary>
    GenHmacKeyLengthInvalid = 69,

    /// <summary>B64 of generated key failed.</summary>
    GenKeyNotEncodable = 70,

    /// <summary>B64 of generated HMAC key failed.</summary>
    GenHmacNotEncodable = 71,

    /// <summary>Set_spa_data length.</summary>
    SetMessageLengthInvalid = 72,

    /// <summary>Text length before HMAC check.</summary>
    HmacMessageLengthInvalid = 73,

    /// <summary>Fewer than 36 characters before the HMAC.</summary>
    HmacCiphertextLengthInvalid = 74,

    /// <summary>HMAC does not match.</summary>
    HmacMismatch = 75,

    /// <summary>HMAC type not 0 to 7.</summary>
    HmacTypeInvalid = 76,

    /// <summary>HMAC text has an odd length.</summary>
    HmacLengthInvalid = 77,

    /// <summary>Port text too long.</summary>
    MessagePortMissing = 78,

    /// <summary>Message type not 0 to 6 (set).</summary>
    MessageTypeInvalid = 79,

    /// <summary>Empty message (set).</summary>
    MessageEmpty = 80,

    /// <summary>Command 1400 bytes or more.</summary>
    MessageCommandMissing = 81,

    /// <summary>Access text 256 or more.</summary>
    MessageAccessMissing = 82,

    /// <summary>NAT text 256 or more.</summary>
    MessageNatMissing = 83,

    /// <summary>Proto/port text 256 or more.</summary>
    MessagePortProtocolMissing = 84,

    /// <summary>Empty nat_access (set).</summary>
    NatEmpty = 85,

    /// <summary>Rand not 16 bytes (set).</summary>
    RandLengthInvalid = 86,

    /// <summary>Empty server_auth (set).</summary>
    ServerAuthMissing = 87,

    /// <summary>Timestamp below 0 (set).</summary>
    TimestampInvalid = 88,

    /// <summary>Empty user (set).</summary>
    UserMissing = 89,

    /// <summary>First user character forbidden.</summary>
    UserFirstCharacterInvalid = 90,

    /// <summary>Later user character forbidden.</summary>
    UserLaterCharacterInvalid = 91,

    /// <summary>Number below range (internal).</summary>
    UtilNumberLessThanMin = 92,

    /// <summary>Number above range (internal).</summary>
    UtilNumberMoreThanMax = 93,

    /// <summary>Value too long (message &gt; 255, nat_access &gt; 127, server_auth &gt; 63).</summary>
    DataTooLarge = 94,

    /// <summary>Encryption key over 32 bytes, absent, or negative length; HMAC key absent while a type is set.</summary>
    InvalidKeyLength = 95,

    /// <summary>Not raised by the reference.</summary>
    UsernameUnknown = 96,

    /// <summary>Message, user, version or NAT part missing at encode time.</summary>
    IncompleteSpaData = 97,

    /// <summary>Nothing encoded/encrypted yet, or bad length.</summary>
    MissingEncodedData = 98,

    /// <summary>Digest length unknown / type unknown.</summary>
    InvalidDigestType = 99,

    /// <summary>IP part malformed (set, access).</summary>
    InvalidAllowIP = 100,

    /// <summary>Command malformed (set).</summary>
    InvalidSpaCommandMessage = 101,

    /// <summary>Access text malformed (set).</summary>
    InvalidSpaAccessMessage = 102,

    /// <summary>Nat_access malformed (set).</summary>
    InvalidSpaNatAccessMessage = 103,

    /// <summary>Encryption type 0 at encrypt time.</summary>
    InvalidEncryptionType = 104,

    /// <summary>Call needs encryption type 2.</summary>
    WrongEncryptionType = 105,

    /// <summary>Empty decryption result.</summary>
    DecryptionSize = 106,

    /// <summary>First 17 bytes are not 16 digits and a colon (wrong key, wrong mode, damage).</summary>
    DecryptionFailure = 107,

    /// <summary>Inner digest differs.</summary>
    DigestVerificationFailed = 108,

    /// <summary>HMAC key over 136 bytes.</summary>
    InvalidHmacKeyLength = 109,

    /// <summary>HMAC key given with type 0.</summary>
    UnsupportedHmacMode = 110,

    /// <summary>Built without OpenPGP.</summary>
    UnsupportedFeature = 111,

    /// <summary>Wiping failed.</summary>
    ZeroOutData = 112,

    /// <summary>Internal.</summary>
    Unknown = 113,

    /// <summary>Recipient not set.</summary>
    MissingGpgKeyData = 115,

    /// <summary>Gpg missing.</summary>
    GpgmeNoOpenPgp = 116,

    /// <summary>Gpgme context.</summary>
    GpgmeContext = 117,

    /// <summary>Gpgme data object.</summary>
    GpgmePlaintextDataObject = 118,

    /// <summary>Gpgme protocol.</summary>
    GpgmeSetProtocol = 119,

    /// <summary>Gpgme data object.</summary>
    GpgmeCipherDataObject = 120,

    /// <summary>Wrong passphrase (signing).</summary>
    GpgmeBadPassphrase = 121,

    /// <summary>Encrypt/sign failed.</summary>
    GpgmeEncryptSign = 122,

    /// <summary>Gpgme context (signer).</summary>
    GpgmeContextSignerKey = 123,

    /// <summary>Key listing failed (signer).</summary>
    GpgmeSignerKeylistStart = 124,

    /// <summary>Signer key not found.</summary>
    GpgmeSignerKeyNotFound = 125,

    /// <summary>Signer key ambiguous.</summary>
    GpgmeSignerKeyAmbiguous = 126,

    /// <summary>Signer not usable.</summary>
    GpgmeAddSigner = 127,

    /// <summary>Gpgme context (recipient).</summary>
    GpgmeContextRecipientKey = 128,

    /// <summary>Key listing failed (recipient); text says "signer".</summary>
    GpgmeRecipientKeylistStart = 129,

    /// <summary>Recipient key not found.</summary>
    GpgmeRecipientKeyNotFound = 130,

    /// <summary>Recipient key ambiguous.</summary>
    GpgmeRecipientKeyAmbiguous = 131,

    /// <summary>Decryption failed.</summary>
    GpgmeDecryptFailed = 132,

    /// <summary>Algorithm not supported.</summary>
    GpgmeDecryptUnsupportedAlgorithm = 133,

    /// <summary>Gpg program missing.</summary>
    GpgmeBadGpgExecutable = 134,

    /// <summary>Gpg home missing.</summary>
    GpgmeBadHomeDirectory = 135,

    /// <summary>Not raised by the reference.</summary>
    GpgmeSetHomeDirectory = 136,

    /// <summary>Signature required, none there.</summary>
    GpgmeNoSignature = 137,

    /// <summary>Signature bad or key not valid enough.</summary>
    GpgmeBadSignature = 138,

    /// <summary>Signature question while verification is off.</summary>
    GpgmeSignatureVerifyDisabled = 139,

    /// <summary>The packet spells its content in a way that no encoder uses, which could be a replay in other words (protocol.md 14).</summary>
    NotCanonical = 201,

    /// <summary>The sealed packet would be taken for OpenPGP by every decoder: 400 characters of ciphertext text or more (protocol.md 7).</summary>
    TooLongToDecode = 202,

    /// <summary>The sealed OpenPGP packet would be taken for a symmetric one: less than 400 characters (protocol.md 7).</summary>
    TooShortForOpenPgp = 203,

    /// <summary>The OpenPGP message does not begin as those of RSA or Elgamal keys from 2048 bits do, which every receiver expects (protocol.md 5.2).</summary>
    OpenPgpKeyUnsuitable = 204,
}
