namespace Fwknop.Protocol;

/// <summary>What the check of one signature found.</summary>
public enum SignatureStatus
{
    /// <summary>It could not be checked, for a reason not listed here.</summary>
    Unknown,

    /// <summary>Right, by a key that is neither expired nor revoked.</summary>
    Good,

    /// <summary>It does not belong to the text.</summary>
    Bad,

    /// <summary>Right, but the signature has expired.</summary>
    Expired,

    /// <summary>Right, but the key has expired.</summary>
    KeyExpired,

    /// <summary>Right, but the key has been revoked.</summary>
    KeyRevoked,

    /// <summary>The key is not in the keyring.</summary>
    KeyMissing,

    /// <summary>The algorithm is not supported.</summary>
    UnsupportedAlgorithm,
}
