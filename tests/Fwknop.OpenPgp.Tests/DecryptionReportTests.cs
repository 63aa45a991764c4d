using System.Text;
using Fwknop.Protocol;

namespace Fwknop.OpenPgp.Tests;

/// <summary>Status output of gpg, right, odd and hostile.</summary>
public sealed class DecryptionReportTests
{
    private const string Fingerprint = "C20B8371F810BAD4983D2E6104321D2BB9771B68";
    private const string Begin = "BEGIN_DECRYPTION|DECRYPTION_INFO 2 9 0|PLAINTEXT 62 1795306250 |";
    private const string End = "DECRYPTION_OKAY|GOODMDC|END_DECRYPTION";
    private const string Valid = "VALIDSIG " + Fingerprint + " 2026-11-22 1795306250 0 4 0 1 10 00 " + Fingerprint;

    [Theory]
    [InlineData(Begin + "NEWSIG|GOODSIG 04321D2BB9771B68 A|" + Valid + "|TRUST_FULLY 0 pgp|" + End, 0, SignatureStatus.Good, SignatureValidity.Full)]
    [InlineData(Begin + "NEWSIG x|GOODSIG 04321D2BB9771B68 A|" + Valid + "|TRUST_UNDEFINED|" + End, 0, SignatureStatus.Good, SignatureValidity.Undefined)]
    [InlineData(Begin + "NEWSIG|EXPKEYSIG 04321D2BB9771B68 A|" + Valid + "|TRUST_FULLY|" + End, 0, SignatureStatus.KeyExpired, SignatureValidity.Full)]
    [InlineData(Begin + "NEWSIG|REVKEYSIG 04321D2BB9771B68 A|" + Valid + "|" + End, 0, SignatureStatus.KeyRevoked, SignatureValidity.Unknown)]
    [InlineData(Begin + "NEWSIG|BADSIG 04321D2BB9771B68 A|" + End, 1, SignatureStatus.Bad, SignatureValidity.Unknown)]
    [InlineData(Begin + "NEWSIG|ERRSIG 04321D2BB9771B68 1 10 00 1795306250 9 -|NO_PUBKEY 04321D2BB9771B68|" + End, 2, SignatureStatus.KeyMissing, SignatureValidity.Unknown)]
    [InlineData(Begin + "NEWSIG|ERRSIG 04321D2BB9771B68 99 10 00 1795306250 4|" + End, 2, SignatureStatus.UnsupportedAlgorithm, SignatureValidity.Unknown)]
    [InlineData(Begin + "NEWSIG|ERRSIG|" + End, 2, SignatureStatus.Unknown, SignatureValidity.Unknown)]
    [InlineData(Begin + "NEWSIG|GOODSIG 04321D2BB9771B68 A|TRUST_ULTIMATE|" + End, 0, SignatureStatus.Unknown, SignatureValidity.Ultimate)]
    [InlineData(Begin + "NEWSIG|GOODSIG 04321D2BB9771B68 A|VALIDSIG notafingerprint|TRUST_ULTIMATE|" + End, 0, SignatureStatus.Unknown, SignatureValidity.Ultimate)]
    public void Reads_one_signature(string status, int exitCode, SignatureStatus expected, SignatureValidity validity)
    {
        DecryptionReport report = Read(status, exitCode);

        Assert.Equal(Rejection.None, report.Why);
        OpenPgpSignature signature = Assert.Single(report.Signatures);
        Assert.Equal(expected, signature.Status);
        Assert.Equal(validity, signature.Validity);
    }

    [Theory]
    [InlineData("nothing at all", "", 0)]
    [InlineData("an error although all is well", Begin + End, 2)]
    [InlineData("an error although the signature is right", Begin + "NEWSIG|GOODSIG 1 A|" + Valid + "|" + End, 2)]
    [InlineData("not okay", Begin + "END_DECRYPTION", 0)]
    [InlineData("okay and failed", Begin + "DECRYPTION_FAILED|" + End, 0)]
    [InlineData("okay twice", Begin + End + "|DECRYPTION_OKAY", 0)]
    [InlineData("two messages", Begin + End + "|" + Begin + End, 0)]
    [InlineData("two plaintexts", Begin + "PLAINTEXT 62 0 |" + End, 0)]
    [InlineData("no encryption", "PLAINTEXT 62 0 |NEWSIG|GOODSIG 1 A|" + Valid, 0)]
    [InlineData("a signature around the encryption", "NEWSIG|GOODSIG 1 A|" + Valid + "|" + Begin + End, 0)]
    [InlineData("a signature without its beginning", Begin + "GOODSIG 1 A|" + Valid + "|" + End, 0)]
    [InlineData("two verdicts on one signature", Begin + "NEWSIG|BADSIG 1 A|GOODSIG 1 A|" + Valid + "|" + End, 1)]
    [InlineData("damage", Begin + "BADMDC|" + End, 0)]
    [InlineData("other packets", Begin + "UNEXPECTED 0|" + End, 0)]
    public void Takes_nothing_else_for_a_decrypted_message(string what, string status, int exitCode)
    {
        DecryptionReport report = Read(status, exitCode);
        Assert.True(report.Why == Rejection.GpgmeDecryptFailed, what);
        Assert.Empty(report.Signatures);
    }

    [Fact]
    public void Believes_status_lines_only_at_their_beginning()
    {
        // A user id may hold anything; gpg escapes what would end the line.
        byte[] output = Encoding.UTF8.GetBytes(
            "gpg: [GNUPG:] BEGIN_DECRYPTION\n[GNUPG:]BEGIN_DECRYPTION\n [GNUPG:] PLAINTEXT\n[GNUPG:] NEWSIG [GNUPG:] DECRYPTION_OKAY\n");
        StatusLine line = Assert.Single(StatusLine.ParseAll(output));
        Assert.Equal("NEWSIG", line.Keyword);
    }

    [Theory]
    [InlineData("NO_SECKEY 5002ABEAE69D73BC|DECRYPTION_FAILED", "No secret key")]
    [InlineData("NODATA 3|DECRYPTION_FAILED", "No data")]
    [InlineData("ERROR pkdecrypt_failed 67108875|DECRYPTION_FAILED", "Bad passphrase")]
    [InlineData("ERROR pkdecrypt_failed 67109000|DECRYPTION_FAILED", "gpg error code 136")]
    [InlineData("ERROR x 99999999999999999999", "gpg ended with status 2")]
    [InlineData("FAILURE", "gpg ended with status 2")]
    public void Says_why(string status, string reason) => Assert.Equal(reason, Read(status, 2).ErrorText);

    [Theory]
    [InlineData("", 2, Rejection.GpgmeEncryptSign)]
    [InlineData("FAILURE sign-encrypt 67108875", 2, Rejection.GpgmeBadPassphrase)]
    [InlineData("FAILURE sign-encrypt 67109041", 2, Rejection.GpgmeBadPassphrase)]
    [InlineData("FAILURE encrypt 53", 2, Rejection.GpgmeEncryptSign)]
    [InlineData("END_ENCRYPTION", 0, Rejection.GpgmeEncryptSign)]
    [InlineData("SIG_CREATED S 1 10 00 1 " + Fingerprint + "|SIG_CREATED S 1 10 00 1 " + Fingerprint + "|END_ENCRYPTION", 0, Rejection.GpgmeEncryptSign)]
    [InlineData("SIG_CREATED S 1 10 00 1 " + Fingerprint + "|END_ENCRYPTION", 2, Rejection.GpgmeEncryptSign)]
    [InlineData("SIG_CREATED S 1 10 00 1 " + Fingerprint + "|END_ENCRYPTION", 0, Rejection.None)]
    public void Takes_an_encryption_with_exactly_one_signature(string status, int exitCode, Rejection expected) =>
        Assert.Equal(expected, EncryptionReport.Of(exitCode, Lines(status), Convert.FromHexString("840100C90100"), isSigned: true, "").Why);

    private static DecryptionReport Read(string status, int exitCode) =>
        DecryptionReport.Of(exitCode, Lines(status), $"gpg ended with status {exitCode}");

    private static IReadOnlyList<StatusLine> Lines(string status) =>
        StatusLine.ParseAll(Encoding.UTF8.GetBytes(string.Concat(status.Split('|').Select(line => $"[GNUPG:] {line}\n"))));
}
