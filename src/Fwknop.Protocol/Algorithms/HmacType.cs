namespace Fwknop.Protocol;

/// <summary>
/// Keyed hash over the packet text (protocol.md 6.1). The numbers are the reference's. The type is not carried in the packet:
/// both sides are configured alike.
/// </summary>
public enum HmacType : byte
{
    /// <summary>No HMAC. The packet's integrity then rests on an unkeyed hash; see protocol.md 14.</summary>
    None = 0,

    /// <summary>HMAC-MD5: 22 characters. For old peers only.</summary>
    Md5 = 1,

    /// <summary>HMAC-SHA-1: 27 characters. For old peers only.</summary>
    Sha1 = 2,

    /// <summary>HMAC-SHA-256: 43 characters. The default when there is an HMAC key.</summary>
    Sha256 = 3,

    /// <summary>HMAC-SHA-384: 64 characters.</summary>
    Sha384 = 4,

    /// <summary>HMAC-SHA-512: 86 characters.</summary>
    Sha512 = 5,

    /// <summary>HMAC-SHA3-256: 43 characters.</summary>
    Sha3_256 = 6,

    /// <summary>HMAC-SHA3-512: 86 characters.</summary>
    Sha3_512 = 7,
}
