using Fwknop.TestSupport;

namespace Fwknop.Client.Tests;

/// <summary>The keys of client and server in one home directory of gpg, and special ones; each made when first asked for.</summary>
public sealed class GpgKeys : IDisposable
{
    public const string Passphrase = "a pass phrase";

    private readonly Lazy<GpgHome> _home = new(GpgHome.OfBoth);
    private readonly Lazy<string> _protected;
    private readonly Lazy<string> _curve;

    public GpgKeys()
    {
        _protected = new(() => Home.Generate("protected@example.org", "ed25519", Passphrase));
        _curve = new(() => Home.Generate("curve@example.org", "ed25519", "cv25519", "encr", ""));
    }

    public GpgHome Home => _home.Value;

    /// <summary>Signs; has a passphrase.</summary>
    public string Protected => _protected.Value;

    /// <summary>ed25519 with cv25519.</summary>
    public string Curve => _curve.Value;

    public void Dispose()
    {
        if (_home.IsValueCreated)
        {
            _home.Value.Dispose();
        }
    }
}
