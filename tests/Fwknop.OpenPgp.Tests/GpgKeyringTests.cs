using System.Text;
using Fwknop.Protocol;
using Fwknop.TestSupport;

namespace Fwknop.OpenPgp.Tests;

public sealed class GpgKeyringTests(ServerHome server) : IClassFixture<ServerHome>
{
    [GpgTheory]
    [InlineData(GpgHome.Server, GpgHome.ServerFingerprint)]
    [InlineData("BC7379BD", GpgHome.ServerFingerprint)]
    [InlineData("0xC2A0CC1FBC7379BD", GpgHome.ServerFingerprint)]
    [InlineData("5002ABEAE69D73BC", GpgHome.ServerFingerprint)]
    [InlineData("5002ABEAE69D73BC!", GpgHome.ServerSubkey + "!")]
    [InlineData("0x5002abeae69d73bc!", GpgHome.ServerSubkey + "!")]
    [InlineData("=SPA Test Client <client@spa-test.invalid>", GpgHome.ClientFingerprint)]
    public void Finds_a_recipient_and_names_it_exactly(string pattern, string expected)
    {
        Assert.True(Keyring().TryFindRecipient(pattern, out string? name, out Rejection why, out string text), $"{why} {text}");
        Assert.Equal(expected, name);
    }

    [GpgTheory]
    [InlineData("nobody", Rejection.GpgmeRecipientKeyNotFound, "No public key")]
    [InlineData("--list-secret-keys", Rejection.GpgmeRecipientKeyNotFound, "No public key")]
    [InlineData("spa-test.invalid", Rejection.GpgmeRecipientKeyAmbiguous, "2 keys match: " + GpgHome.ServerFingerprint + ", " + GpgHome.ClientFingerprint)]
    [InlineData("", Rejection.GpgmeRecipientKeyNotFound, "No public key")]
    public void Tells_why_there_is_no_recipient(string pattern, Rejection expected, string expectedText)
    {
        Assert.False(Keyring().TryFindRecipient(pattern, out string? name, out Rejection why, out string text));
        Assert.Null(name);
        Assert.Equal(expected, why);
        Assert.Equal(expectedText, text);
    }

    [GpgFact]
    public void Signs_only_with_secret_keys()
    {
        Assert.True(Keyring().TryFindSigner(GpgHome.Server, out string? name, out _, out _));
        Assert.Equal(GpgHome.ServerFingerprint, name);
        Assert.False(Keyring().TryFindSigner(GpgHome.Client, out _, out Rejection why, out string text));
        Assert.Equal(Rejection.GpgmeSignerKeyNotFound, why);
        Assert.Equal("No secret key", text);
    }

    [Theory]
    [InlineData("")]
    [InlineData("pub")]
    [InlineData("fpr:::::::::84B9BB7F8BCB28F7E33F24D3C2A0CC1FBC7379BD:")]
    [InlineData("pub:u:2048\nfpr:::::::::84B9")]
    [InlineData("pub:u:2048\nfpr:::::::::84B9BB7F8BCB28F7E33F24D3C2A0CC1FBC7379BG:")]
    [InlineData("pub:u:2048\nsub:u\nfpr:::::::::84B9BB7F8BCB28F7E33F24D3C2A0CC1FBC7379BD:")]
    [InlineData("\0\0\0:::::\n\n\n")]
    public void Makes_no_key_of_a_listing_without_one(string listing) => Assert.Empty(KeyListing.Parse(Encoding.UTF8.GetBytes(listing)));

    private GpgKeyring Keyring() => new(ServerHome.SettingsOf(server.Home.Path));
}
