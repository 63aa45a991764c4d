using Fwknop.OpenPgp;
using Fwknop.Protocol;

namespace Fwknop.Fuzz.Targets;

/// <summary>Input: what gpg prints. Nothing passes as decrypted or well signed that is not plainly so.</summary>
internal static class GpgTargets
{
    private const string Fingerprint = "84B9BB7F8BCB28F7E33F24D3C2A0CC1FBC7379BD";

    private static readonly byte[] Signed = System.Text.Encoding.ASCII.GetBytes($"""
        [GNUPG:] ENC_TO 5002ABEAE69D73BC 1 0
        [GNUPG:] BEGIN_DECRYPTION
        [GNUPG:] PLAINTEXT 62 0
        [GNUPG:] NEWSIG
        [GNUPG:] GOODSIG C2A0CC1FBC7379BD Somebody <a@b>
        [GNUPG:] VALIDSIG {Fingerprint} 2024-01-02 1704164645 0 4 0 1 10 00 {Fingerprint}
        [GNUPG:] TRUST_ULTIMATE 0 pgp
        [GNUPG:] DECRYPTION_OKAY
        [GNUPG:] END_DECRYPTION
        """);

    public static IReadOnlyList<byte[]> StatusCorpus() =>
    [
        Signed,
        "[GNUPG:] BEGIN_DECRYPTION\n[GNUPG:] PLAINTEXT 62 0\n[GNUPG:] NEWSIG\n[GNUPG:] ERRSIG C2A0CC1FBC7379BD 1 10 00 1704164645 9 -\n[GNUPG:] DECRYPTION_OKAY\n"u8.ToArray(),
        "[GNUPG:] BADSIG C2A0CC1FBC7379BD x\n[GNUPG:] NODATA 1\n[GNUPG:] ERROR pkdecrypt_failed 11\n"u8.ToArray(),
    ];

    public static void CheckStatus(byte[] input)
    {
        IReadOnlyList<StatusLine> lines = StatusLine.ParseAll(input);
        foreach (int exitCode in (int[])[0, 2])
        {
            DecryptionReport report = DecryptionReport.Of(exitCode, lines, "other");
            Promise.Require(
                report.Why != Rejection.None || lines.Count(line => line.Keyword == "DECRYPTION_OKAY") == 1, "decrypted without being told so");
            Promise.Require(report.Why == Rejection.None || report.Signatures.Count == 0, "signatures of what was not decrypted");
            Promise.Require(
                report.Signatures.All(signature => signature.Status != SignatureStatus.Good || KeyListing.IsFingerprint(signature.Fingerprint)),
                "a good signature of no key");
        }
    }

    public static IReadOnlyList<byte[]> ListingCorpus() =>
    [
        System.Text.Encoding.ASCII.GetBytes($"""
        tru::1:1704164645:0:3:1:5
        pub:u:2048:1:C2A0CC1FBC7379BD:1704164645:::u:::scESC::::::23::0:
        fpr:::::::::{Fingerprint}:
        uid:u::::1704164645::X::Somebody <a@b>::::::::::0:
        sub:u:2048:1:5002ABEAE69D73BC:1704164645::::::e::::::23:
        fpr:::::::::0000000000000000000000005002ABEAE69D73BC:
        sec:u:255:22:C2A0CC1FBC7379BD:1704164645:
        """),
    ];

    public static void CheckListing(byte[] input) => Promise.Require(
        KeyListing.Parse(input).All(key => KeyListing.IsFingerprint(key.Fingerprint) && key.Subkeys.All(KeyListing.IsFingerprint)),
        "a key without a fingerprint");
}
