using Fwknop.Protocol;

namespace Fwknop.OpenPgp.Tests;

public sealed class SignaturePolicyTests
{
    private const string Key = "C20B8371F810BAD4983D2E6104321D2BB9771B68";

    public static TheoryData<SignatureStatus, SignatureValidity> All()
    {
        TheoryData<SignatureStatus, SignatureValidity> rows = [];
        foreach (SignatureStatus status in Enum.GetValues<SignatureStatus>())
        {
            foreach (SignatureValidity validity in Enum.GetValues<SignatureValidity>())
            {
                rows.Add(status, validity);
            }
        }

        return rows;
    }

    [Theory]
    [MemberData(nameof(All))]
    public void Takes_only_good_signatures_of_keys_vouched_for(SignatureStatus status, SignatureValidity validity)
    {
        bool isGood = validity is SignatureValidity.Marginal or SignatureValidity.Full or SignatureValidity.Ultimate
            && status == SignatureStatus.Good;
        OpenPgpSignature[] signatures = [new(Key, status, validity)];

        Assert.Equal(isGood ? Rejection.None : Rejection.GpgmeBadSignature, SignaturePolicy.Strict.Check(signatures));
        Assert.Equal(Rejection.None, new SignaturePolicy { IgnoresErrors = true }.Check(signatures));
        Assert.Equal(Rejection.None, new SignaturePolicy { IsRequired = false }.Check(signatures));
    }

    [Fact]
    public void Needs_a_signature_even_when_errors_are_ignored()
    {
        Assert.Equal(Rejection.GpgmeNoSignature, SignaturePolicy.Strict.Check([]));
        Assert.Equal(Rejection.GpgmeNoSignature, new SignaturePolicy { IgnoresErrors = true }.Check([]));
        Assert.Equal(Rejection.None, new SignaturePolicy { IsRequired = false }.Check([]));
    }

    [Fact]
    public void Does_not_choose_among_several_signatures()
    {
        OpenPgpSignature good = new(Key, SignatureStatus.Good, SignatureValidity.Ultimate);
        Assert.Equal(Rejection.GpgmeBadSignature, SignaturePolicy.Strict.Check([good, good]));
    }

    [Theory]
    [InlineData(Key, true, true)]
    [InlineData("0x04321D2BB9771B68", false, true)]
    [InlineData("B9771B68", false, true)]
    [InlineData("b9771b68", false, false)]
    [InlineData("9771B68", false, false)]
    [InlineData("", false, false)]
    [InlineData("B9771B69", false, false)]
    public void Compares_fingerprint_and_id(string named, bool isFingerprint, bool isId)
    {
        OpenPgpSignature signature = new(Key, SignatureStatus.Good, SignatureValidity.Full);
        Assert.Equal(isFingerprint, signature.HasFingerprint(named));
        Assert.Equal(isId, signature.HasId(named));
    }

    [Theory]
    [InlineData(SignatureStatus.Good, SignatureValidity.Full, 3, 0)]
    [InlineData(SignatureStatus.Good, SignatureValidity.Marginal, 0, 0)]
    [InlineData(SignatureStatus.Bad, SignatureValidity.Unknown, 4, 117440520)]
    [InlineData(SignatureStatus.KeyMissing, SignatureValidity.Unknown, 0x80, 117440521)]
    [InlineData(SignatureStatus.Expired, SignatureValidity.Full, 0x42, 117440666)]
    public void Gives_the_numbers_of_gpgme(SignatureStatus status, SignatureValidity validity, int summary, int code)
    {
        OpenPgpSignature signature = new(Key, status, validity);
        Assert.Equal(summary, signature.Summary);
        Assert.Equal(code, signature.StatusCode);
    }
}
