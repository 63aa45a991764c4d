namespace Fwknop.Protocol;

/// <summary>One signature of an OpenPGP message, as the check found it (protocol.md 5.3).</summary>
/// <param name="Fingerprint">
/// Of the key that signed, which may be a subkey: 40 upper-case hexadecimal digits. Where the key is missing possibly only its 16-digit id.
/// </param>
/// <param name="Status">What the check found.</param>
/// <param name="Validity">How far the keyring vouches for the key.</param>
public sealed record OpenPgpSignature(string Fingerprint, SignatureStatus Status, SignatureValidity Validity)
{
    private const int IdLength = 8;

    /// <summary>Fingerprint of the primary key that the signing key belongs to; null where it is not known.</summary>
    public string? PrimaryFingerprint { get; init; }

    private const int Valid = 0x1;
    private const int Green = 0x2;
    private const int Red = 0x4;

    /// <summary>The last eight digits of the fingerprint, which the reference calls the signature's id.</summary>
    public string Id => Fingerprint.Length > IdLength ? Fingerprint[^IdLength..] : Fingerprint;

    /// <summary>The number GPGME gives for the status: 0 when good, else its error source 7 and the code of libgpg-error.</summary>
    public int StatusCode
    {
        get
        {
            const int Source = 7 << 24;
            return Status switch
            {
                SignatureStatus.Good => 0,
                SignatureStatus.Bad => Source | 8,
                SignatureStatus.KeyMissing => Source | 9,
                SignatureStatus.UnsupportedAlgorithm => Source | 84,
                SignatureStatus.KeyRevoked => Source | 94,
                SignatureStatus.KeyExpired => Source | 153,
                SignatureStatus.Expired => Source | 154,
                _ => Source | 1,
            };
        }
    }

    /// <summary>What the reference's log says of a signature that is not good, the text of <see cref="StatusCode"/>; empty for a good one.</summary>
    public string ErrorText => Status switch
    {
        SignatureStatus.Good => "",
        SignatureStatus.Bad => "Bad signature",
        SignatureStatus.KeyMissing => "No public key",
        SignatureStatus.UnsupportedAlgorithm => "Unsupported algorithm",
        SignatureStatus.KeyRevoked => "Certificate revoked",
        SignatureStatus.KeyExpired => "Key expired",
        SignatureStatus.Expired => "Signature expired",
        _ => "General error",
    };

    /// <summary>GPGME's summary bits: 1 valid, 2 green, 4 red, and what is wrong.</summary>
    public int Summary
    {
        get
        {
            bool isRight = Status is SignatureStatus.Good or SignatureStatus.Expired or SignatureStatus.KeyExpired;
            int colour = isRight && Validity >= SignatureValidity.Full ? Green
                : isRight && Validity == SignatureValidity.Never ? Red
                : Status == SignatureStatus.Bad ? Red
                : 0;
            int flaw = Status switch
            {
                SignatureStatus.Good or SignatureStatus.Bad => 0,
                SignatureStatus.KeyRevoked => 0x10,
                SignatureStatus.KeyExpired => 0x20,
                SignatureStatus.Expired => 0x40,
                SignatureStatus.KeyMissing => 0x80,
                _ => 0x800,
            };
            return colour == Green && flaw == 0 ? Green | Valid : colour | flaw;
        }
    }

    /// <summary>Exact comparison with a fingerprint of a <c>GPG_FINGERPRINT_ID</c> list.</summary>
    public bool HasFingerprint(string fingerprint) => string.Equals(fingerprint, Fingerprint, StringComparison.Ordinal);

    /// <summary>Compares the last eight characters with those of an item of a <c>GPG_REMOTE_ID</c> list.</summary>
    public bool HasId(string id)
    {
        ArgumentNullException.ThrowIfNull(id);
        return id.Length >= IdLength && Id.Length == IdLength && id.EndsWith(Id, StringComparison.Ordinal);
    }
}
