namespace Fwknop.Protocol;

/// <summary>
/// What both sides have agreed on: keys, HMAC type and encryption mode. None of it but the keys' effect is on the wire.
/// Owns the keys: disposing it wipes them. An <see cref="IOpenPgp"/> stays the caller's.
/// </summary>
public sealed class PacketKeys : IDisposable
{
    /// <summary>Takes ownership of the keys.</summary>
    /// <param name="encryptionKey">The symmetric key.</param>
    /// <param name="hmacKey">
    /// Null for packets without HMAC, whose integrity then rests on an unkeyed hash (protocol.md 14). An empty key is refused, because
    /// the reference skips the check with one.
    /// </param>
    /// <param name="hmacType">Used when there is an HMAC key.</param>
    /// <param name="mode">A symmetric mode; with <see cref="EncryptionMode.Asymmetric"/> nothing is opened and sealed: that takes the other constructor.</param>
    /// <exception cref="ArgumentException">The HMAC key is empty, or given with <see cref="HmacType.None"/>.</exception>
    /// <exception cref="PlatformNotSupportedException">SHA-3 is asked for and the platform's cryptography has none.</exception>
    public PacketKeys(
        EncryptionKey encryptionKey, HmacKey? hmacKey = null, HmacType hmacType = HmacType.Sha256, EncryptionMode mode = EncryptionMode.Cbc)
    {
        ArgumentNullException.ThrowIfNull(encryptionKey);
        if (hmacKey is not null && (hmacKey.Length == 0 || hmacType == HmacType.None))
        {
            throw new ArgumentException("An HMAC needs a key that is not empty and a type.", nameof(hmacKey));
        }

        if (hmacKey is not null && !PacketHash.IsSupported((DigestType)hmacType))
        {
            throw new PlatformNotSupportedException(
                $"The cryptographic library of this platform has no {AlgorithmNames.GetName(hmacType)}; OpenSSL 1.1.1 or later does.");
        }

        EncryptionKey = encryptionKey;
        HmacKey = hmacKey;
        HmacType = hmacKey is null ? HmacType.None : hmacType;
        Mode = mode;
    }

    /// <summary>For OpenPGP packets: mode <see cref="EncryptionMode.Asymmetric"/>.</summary>
    /// <param name="openPgp">Encrypts and decrypts.</param>
    /// <param name="hmacKey">As above.</param>
    /// <param name="hmacType">Used when there is an HMAC key.</param>
    /// <param name="signaturePolicy">What packets must be signed with; null for <see cref="SignaturePolicy.Strict"/>.</param>
    /// <exception cref="ArgumentException">The HMAC key is empty, or given with <see cref="HmacType.None"/>.</exception>
    /// <exception cref="PlatformNotSupportedException">SHA-3 is asked for and the platform's cryptography has none.</exception>
    public PacketKeys(
        IOpenPgp openPgp, HmacKey? hmacKey = null, HmacType hmacType = HmacType.Sha256, SignaturePolicy? signaturePolicy = null)
        : this(EncryptionKey.FromBytes([]), hmacKey, hmacType, EncryptionMode.Asymmetric)
    {
        ArgumentNullException.ThrowIfNull(openPgp);
        OpenPgp = openPgp;
        SignaturePolicy = signaturePolicy ?? SignaturePolicy.Strict;
    }

    /// <summary>The symmetric key; empty for OpenPGP packets.</summary>
    public EncryptionKey EncryptionKey { get; }

    /// <summary>Encrypts and decrypts OpenPGP packets; else null.</summary>
    public IOpenPgp? OpenPgp { get; }

    /// <summary>What OpenPGP packets must be signed with.</summary>
    public SignaturePolicy SignaturePolicy { get; } = SignaturePolicy.Strict;

    /// <summary>The HMAC key, or null.</summary>
    public HmacKey? HmacKey { get; }

    /// <summary><see cref="HmacType.None"/> exactly when there is no HMAC key.</summary>
    public HmacType HmacType { get; }

    /// <summary>The encryption mode.</summary>
    public EncryptionMode Mode { get; }

    /// <summary>Wipes both keys.</summary>
    public void Dispose()
    {
        EncryptionKey.Dispose();
        HmacKey?.Dispose();
    }
}
