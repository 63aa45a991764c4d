using System.Text;

namespace Fwknop.Protocol.Tests;

/// <summary>One-time passwords as RFC 6238 and RFC 4226 have them.</summary>
public sealed class OneTimePasswordTests
{
    private static readonly byte[] Secret = "12345678901234567890"u8.ToArray();

    /// <summary>RFC 6238, appendix B, for SHA-1.</summary>
    [Theory]
    [InlineData(59, "94287082")]
    [InlineData(1111111109, "07081804")]
    [InlineData(1111111111, "14050471")]
    [InlineData(1234567890, "89005924")]
    [InlineData(2000000000, "69279037")]
    [InlineData(20000000000, "65353130")]
    public void Equal_those_of_the_standard(long time, string expected) => Assert.Equal(expected, OneTimePassword.Compute(Secret, time / 30, 8));

    /// <summary>RFC 4226, appendix D.</summary>
    [Theory]
    [InlineData(0, "755224")]
    [InlineData(1, "287082")]
    [InlineData(5, "254676")]
    [InlineData(9, "520489")]
    public void Have_six_digits(long step, string expected) => Assert.Equal(expected, OneTimePassword.Compute(Secret, step, 6));

    [Theory]
    [InlineData(-60, false)]
    [InlineData(-30, true)]
    [InlineData(0, true)]
    [InlineData(30, true)]
    [InlineData(60, false)]
    public void Hold_one_step_around_their_time(int offset, bool expected)
    {
        DateTimeOffset now = DateTimeOffset.FromUnixTimeSeconds(1_800_000_000);
        Assert.True(OneTimePassword.TryMakeField(OneTimePassword.Compute(Secret, (now.ToUnixTimeSeconds() + offset) / 30, 6), out FieldText field));
        Assert.Equal(expected, OneTimePassword.TryMatch(field, Secret, 6, 30, now, out long? step));
        Assert.Equal(expected ? (now.ToUnixTimeSeconds() + offset) / 30 : null, step);
    }

    [Theory]
    [InlineData("")]
    [InlineData("12345")]
    [InlineData("123456789")]
    [InlineData("12345a")]
    [InlineData("-12345")]
    [InlineData("\u0661\u0662\u0663\u0664\u0665\u0666")]
    public void Are_digits(string code) => Assert.False(OneTimePassword.TryMakeField(code, out _));

    [Fact]
    public void Match_no_other_field()
    {
        DateTimeOffset now = DateTimeOffset.FromUnixTimeSeconds(59);
        string code = OneTimePassword.Compute(Secret, 1, 6);
        Assert.False(OneTimePassword.TryMatch(null, Secret, 6, 30, now, out _));
        foreach (string text in (string[])["", code, "totp:", $"totp:{code} ", $"TOTP:{code}", $"totp:{code}0", "totp:000000"])
        {
            Assert.False(OneTimePassword.TryMatch(new FieldText(Encoding.UTF8.GetBytes(text)), Secret, 6, 30, now, out _), text);
        }
    }
}
