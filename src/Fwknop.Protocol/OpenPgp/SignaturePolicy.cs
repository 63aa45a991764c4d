namespace Fwknop.Protocol;

/// <summary>Which signatures an OpenPGP packet must carry (protocol.md 5.3). The zero value is the strictest.</summary>
public sealed record SignaturePolicy
{
    /// <summary>A right signature by a key the keyring vouches for; what the reference does unless told otherwise.</summary>
    public static SignaturePolicy Strict { get; } = new();

    /// <summary>False: signatures are not looked at.</summary>
    public bool IsRequired { get; init; } = true;

    /// <summary>True: there must be a signature, but it may be wrong or of an unknown key.</summary>
    public bool IgnoresErrors { get; init; }

    /// <summary>Judges the signatures of a packet.</summary>
    /// <returns><see cref="Rejection.None"/>, <see cref="Rejection.GpgmeNoSignature"/> or <see cref="Rejection.GpgmeBadSignature"/>.</returns>
    public Rejection Check(IReadOnlyList<OpenPgpSignature> signatures)
    {
        ArgumentNullException.ThrowIfNull(signatures);
        if (!IsRequired)
        {
            return Rejection.None;
        }

        if (signatures.Count == 0)
        {
            return Rejection.GpgmeNoSignature;
        }

        // The reference looks at the first only; its client makes exactly one.
        bool isGood = signatures is [{ Status: SignatureStatus.Good, Validity: >= SignatureValidity.Marginal }];
        return isGood || IgnoresErrors ? Rejection.None : Rejection.GpgmeBadSignature;
    }
}
