using Fwknop.Protocol;
using Fwknop.TestSupport;

namespace Fwknop.OpenPgp.Tests;

/// <summary>One keyring for all tests that only use it.</summary>
public sealed class ServerHome : IDisposable
{
    private readonly Lazy<GpgHome> _home = new(GpgHome.OfServer);

    public GpgHome Home => _home.Value;

    /// <summary>Runs gpg on a home.</summary>
    public static GpgSettings SettingsOf(string home) => new()
    {
        HomeDirectory = home,
        Environment = GpgEnvironment.From(Environment.GetEnvironmentVariable, usesAgent: false),
    };

    /// <summary>Opens packets, or makes them for a recipient.</summary>
    public static GpgOpenPgp On(GpgHome home, string? recipient = null, string? signer = null, string passphrase = "") => new(
        SettingsOf(home.Path),
        new OpenPgpNames(recipient, signer, home.Path, GpgSettings.DefaultExecutable),
        recipient,
        signer,
        new GpgPassphrase(System.Text.Encoding.UTF8.GetBytes(passphrase)));

    public void Dispose()
    {
        if (_home.IsValueCreated)
        {
            _home.Value.Dispose();
        }
    }
}
