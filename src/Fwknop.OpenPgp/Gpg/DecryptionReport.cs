using Fwknop.Protocol;

namespace Fwknop.OpenPgp;

/// <summary>What the status output says of a decryption. Strict: what is not plainly a decrypted message is none.</summary>
/// <param name="Why"><see cref="Rejection.None"/> when the plaintext can be used.</param>
/// <param name="ErrorText">gpg's reason for a failure.</param>
/// <param name="Signatures">In the order found.</param>
internal sealed record DecryptionReport(Rejection Why, string ErrorText, IReadOnlyList<OpenPgpSignature> Signatures)
{
    private const int ErrorReasonField = 5;
    private const int ErrorFingerprintField = 6;
    private const int PrimaryFingerprintField = 9;

    private static readonly string[] Failures = ["DECRYPTION_FAILED", "BADMDC", "BADARMOR", "NODATA", "UNEXPECTED", "TRUNCATED"];

    /// <summary>Judges a run.</summary>
    public static DecryptionReport Of(int exitCode, IReadOnlyList<StatusLine> status, string otherReason)
    {
        List<OpenPgpSignature> signatures = ReadSignatures(status, out bool isOrdered);
        bool isDecrypted = isOrdered
            && Count("BEGIN_DECRYPTION") == 1 && Count("DECRYPTION_OKAY") == 1 && Count("PLAINTEXT") == 1
            && !status.Any(line => Failures.Contains(line.Keyword));

        // A signature that is not right makes gpg end with an error; nothing else may.
        bool isExplained = exitCode == 0 || signatures.Any(signature => signature.Status != SignatureStatus.Good);
        if (isDecrypted && isExplained)
        {
            return new(Rejection.None, "", signatures);
        }

        int code = GpgErrorCode.Last(status);
        string reason = code != 0 ? GpgErrorCode.Text(code)
            : Count("NO_SECKEY") > 0 ? "No secret key"
            : Count("NODATA") > 0 ? "No data"
            : otherReason;
        return new(Rejection.GpgmeDecryptFailed, reason, []);

        int Count(string keyword) => status.Count(line => line.Keyword == keyword);
    }

    private static List<OpenPgpSignature> ReadSignatures(IReadOnlyList<StatusLine> status, out bool isOrdered)
    {
        List<OpenPgpSignature> signatures = [];
        bool hasBegun = false;
        bool hasVerdict = false;
        isOrdered = true;
        foreach (StatusLine line in status)
        {
            hasBegun |= line.Keyword == "BEGIN_DECRYPTION";
            if (line.Keyword == "NEWSIG")
            {
                signatures.Add(new OpenPgpSignature("", SignatureStatus.Unknown, SignatureValidity.Unknown));
                hasVerdict = false;
                isOrdered &= hasBegun;
                continue;
            }

            bool isVerdict = line.Keyword is "GOODSIG" or "BADSIG" or "EXPSIG" or "EXPKEYSIG" or "REVKEYSIG" or "ERRSIG";
            if (!isVerdict && line.Keyword != "VALIDSIG" && !line.Keyword.StartsWith("TRUST_", StringComparison.Ordinal))
            {
                continue;
            }

            // Each of them belongs to a NEWSIG, and there is one verdict for each signature.
            isOrdered &= signatures.Count > 0 && !(isVerdict && hasVerdict);
            hasVerdict |= isVerdict;
            if (signatures.Count > 0)
            {
                signatures[^1] = With(signatures[^1], line);
            }
        }

        return [.. signatures.Select(Checked)];
    }

    private static OpenPgpSignature With(OpenPgpSignature signature, StatusLine line) => line.Keyword switch
    {
        "GOODSIG" => signature with { Status = SignatureStatus.Good },
        "BADSIG" => signature with { Status = SignatureStatus.Bad, Fingerprint = line.Argument(0) },
        "EXPSIG" => signature with { Status = SignatureStatus.Expired },
        "EXPKEYSIG" => signature with { Status = SignatureStatus.KeyExpired },
        "REVKEYSIG" => signature with { Status = SignatureStatus.KeyRevoked },
        "ERRSIG" => signature with { Status = ErrorStatus(line.Argument(ErrorReasonField)), Fingerprint = ErrorKey(line) },
        "VALIDSIG" => signature with { Fingerprint = line.Argument(0), PrimaryFingerprint = Primary(line) },
        "TRUST_UNDEFINED" => signature with { Validity = SignatureValidity.Undefined },
        "TRUST_NEVER" => signature with { Validity = SignatureValidity.Never },
        "TRUST_MARGINAL" => signature with { Validity = SignatureValidity.Marginal },
        "TRUST_FULLY" => signature with { Validity = SignatureValidity.Full },
        "TRUST_ULTIMATE" => signature with { Validity = SignatureValidity.Ultimate },
        _ => signature,
    };

    // The values are gpg's: 4 unknown algorithm, 9 missing public key.
    private static SignatureStatus ErrorStatus(string reason) => reason switch
    {
        "4" => SignatureStatus.UnsupportedAlgorithm,
        "9" => SignatureStatus.KeyMissing,
        _ => SignatureStatus.Unknown,
    };

    private static string ErrorKey(StatusLine line) =>
        KeyListing.IsFingerprint(line.Argument(ErrorFingerprintField)) ? line.Argument(ErrorFingerprintField) : line.Argument(0);

    private static string? Primary(StatusLine line) =>
        KeyListing.IsFingerprint(line.Argument(PrimaryFingerprintField)) ? line.Argument(PrimaryFingerprintField) : null;

    // Good is only what names the key in full (VALIDSIG).
    private static OpenPgpSignature Checked(OpenPgpSignature signature) =>
        signature.Status != SignatureStatus.Good || KeyListing.IsFingerprint(signature.Fingerprint)
            ? signature
            : signature with { Status = SignatureStatus.Unknown };
}
