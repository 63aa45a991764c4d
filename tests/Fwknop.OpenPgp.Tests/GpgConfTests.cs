using Fwknop.Protocol;
using Fwknop.TestSupport;

namespace Fwknop.OpenPgp.Tests;

/// <summary>Options in the user's gpg.conf that let somebody else read the packet.</summary>
public sealed class GpgConfTests(GpgConfTests.OwnHome own) : IClassFixture<GpgConfTests.OwnHome>
{
    private const string Other = GpgHome.ClientFingerprint;

    [GpgTheory]
    [InlineData("encrypt-to @other")]
    [InlineData("hidden-encrypt-to @other")]
    [InlineData("default-recipient @other")]
    [InlineData("armor")]
    [InlineData("group " + GpgHome.ServerFingerprint + "=" + GpgHome.ServerFingerprint + " @other")]
    [InlineData("group " + GpgHome.ServerFingerprint + "=@other")]
    public void Options_without_effect_on_who_can_read_it(string line)
    {
        using GpgOpenPgp gpg = ServerHome.On(own.WithConf(line), GpgHome.ServerFingerprint, Other);
        Assert.True(gpg.TryEncrypt("text"u8, out byte[]? message, out Rejection why), $"{why} {gpg.Last.ErrorText}");
        Assert.True(OpenPgpMessage.TryCountReaders(message, out int count));
        Assert.Equal(1, count);

        using GpgOpenPgp plain = ServerHome.On(own.WithConf(""), GpgHome.ServerFingerprint, Other);
        Assert.True(plain.TryEncrypt("text"u8, out byte[]? expected, out _));
        Assert.Equal(KeyId(expected), KeyId(message));
    }

    [GpgTheory]
    [InlineData("recipient @other")]
    [InlineData("hidden-recipient @other")]
    public void A_second_reader_is_refused(string line)
    {
        using GpgOpenPgp gpg = ServerHome.On(own.WithConf(line), GpgHome.ServerFingerprint, Other);
        Assert.False(gpg.TryEncrypt("text"u8, out byte[]? message, out Rejection why));
        Assert.Null(message);
        Assert.Equal(
            (Rejection.GpgmeEncryptSign, "gpg encrypted to 2 keys in place of one; see recipient and hidden-recipient in gpg.conf"),
            (why, gpg.Last.ErrorText));
    }

    /// <summary>Of the first packet, after its header of three bytes and its version (RFC 9580, section 5.1).</summary>
    private static string KeyId(byte[] message) => Convert.ToHexString(message.AsSpan(4, 8));

    /// <summary>The keys of both sides and a third one; gpg.conf is a test's own.</summary>
    public sealed class OwnHome : IDisposable
    {
        private readonly Lazy<GpgHome> _home = new(GpgHome.OfBoth);
        private readonly Lazy<string> _other;

        public OwnHome()
        {
            _other = new(() => _home.Value.Generate("other@spa-test.invalid", "rsa2048", "rsa2048", "encr", ""));
        }

        public GpgHome WithConf(string line)
        {
            File.WriteAllText(
                Path.Combine(_home.Value.Path, "gpg.conf"), $"pinentry-mode loopback\n{line.Replace("@other", _other.Value, StringComparison.Ordinal)}\n");
            return _home.Value;
        }

        public void Dispose()
        {
            if (_home.IsValueCreated)
            {
                _home.Value.Dispose();
            }
        }
    }
}
