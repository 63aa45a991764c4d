using Fwknop.Protocol;

namespace Fwknop.OpenPgp;

/// <summary>What the status output says of an encryption.</summary>
/// <param name="Why"><see cref="Rejection.None"/> when the message can be used.</param>
/// <param name="ErrorText">gpg's reason for a failure.</param>
/// <param name="SigningKey">Fingerprint of the (sub)key that signed, or null.</param>
internal sealed record EncryptionReport(Rejection Why, string ErrorText, string? SigningKey)
{
    private const int SignatureKeyField = 5;

    /// <summary>Judges a run that was to sign exactly once, or not at all.</summary>
    public static EncryptionReport Of(int exitCode, IReadOnlyList<StatusLine> status, bool isSigned, string otherReason)
    {
        int code = GpgErrorCode.Last(status);
        StatusLine[] signatures = [.. status.Where(line => line.Keyword == "SIG_CREATED")];
        bool isComplete = exitCode == 0 && status.Count(line => line.Keyword == "END_ENCRYPTION") == 1;
        if (!isComplete)
        {
            Rejection why = code is GpgErrorCode.BadPassphrase or GpgErrorCode.NoPassphrase
                ? Rejection.GpgmeBadPassphrase
                : Rejection.GpgmeEncryptSign;
            return new(why, code == 0 ? otherReason : GpgErrorCode.Text(code), null);
        }

        return signatures.Length == (isSigned ? 1 : 0)
            ? new(Rejection.None, "", isSigned ? signatures[0].Argument(SignatureKeyField) : null)
            : new(Rejection.GpgmeEncryptSign, $"gpg made {signatures.Length} signatures; see local-user in gpg.conf", null);
    }
}
