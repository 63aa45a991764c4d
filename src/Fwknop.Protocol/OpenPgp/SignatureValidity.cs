namespace Fwknop.Protocol;

/// <summary>How far the keyring vouches for the key of a signature; the order is that of trust.</summary>
public enum SignatureValidity
{
    /// <summary>Nothing is known of the key.</summary>
    Unknown,

    /// <summary>Nobody has vouched for it.</summary>
    Undefined,

    /// <summary>It must not be trusted.</summary>
    Never,

    /// <summary>Vouched for by somebody who is trusted a little.</summary>
    Marginal,

    /// <summary>Vouched for.</summary>
    Full,

    /// <summary>The keyring owner's own key.</summary>
    Ultimate,
}
