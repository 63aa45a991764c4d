using Fwknop.Protocol;

namespace Fwknop.OpenPgp;

/// <summary>What the status output says of an encryption.</summary>
/// <param name="Why"><see cref="Rejection.None"/> when the message can be used.</param>
/// <param name="ErrorText">gpg's reason for a failure.</param>
/// <param name="SigningKey">Fingerprint of the (sub)key that signed, or null.</param>
internal sealed record EncryptionReport(Rejection Why, string ErrorText, string? SigningKey)
{
    private const int SignatureKeyField = 5;

    /// <summary>
    /// Judges a run that was to encrypt to one key, and to sign exactly once or not at all. Options in gpg.conf can add to both; only the
    /// message itself tells for whom it is.
    /// </summary>
    public static EncryptionReport Of(
        int exitCode, IReadOnlyList<StatusLine> status, ReadOnlySpan<byte> message, bool isSigned, string otherReason)
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

        string problem = !OpenPgpMessage.TryCountReaders(message, out int readers) ? "gpg's output is not an encrypted message"
            : readers != 1 ? $"gpg encrypted to {readers} keys in place of one; see recipient and hidden-recipient in gpg.conf"
            : signatures.Length != (isSigned ? 1 : 0) ? $"gpg made {signatures.Length} signatures; see local-user in gpg.conf"
            : "";
        return problem.Length == 0
            ? new(Rejection.None, "", isSigned ? signatures[0].Argument(SignatureKeyField) : null)
            : new(Rejection.GpgmeEncryptSign, problem, null);
    }
}
