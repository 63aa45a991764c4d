namespace Fwknop.Protocol;

/// <summary>Unkeyed hash inside the plaintext (protocol.md 3.9). The numbers are the reference's.</summary>
public enum DigestType : byte
{
    /// <summary>MD5: 16 bytes, 22 characters on the wire. For old peers only.</summary>
    Md5 = 1,

    /// <summary>SHA-1: 20 bytes, 27 characters. For old peers only.</summary>
    Sha1 = 2,

    /// <summary>SHA-256: 32 bytes, 43 characters. The default.</summary>
    Sha256 = 3,

    /// <summary>SHA-384: 48 bytes, 64 characters.</summary>
    Sha384 = 4,

    /// <summary>SHA-512: 64 bytes, 86 characters.</summary>
    Sha512 = 5,

    /// <summary>SHA3-256 (FIPS 202): 32 bytes, 43 characters.</summary>
    Sha3_256 = 6,

    /// <summary>SHA3-512 (FIPS 202): 64 bytes, 86 characters.</summary>
    Sha3_512 = 7,
}
