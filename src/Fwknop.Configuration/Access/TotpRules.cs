namespace Fwknop.Configuration.Access;

/// <summary>The second factor of a stanza: one-time passwords by RFC 6238. Ours. Owns the secret.</summary>
/// <param name="Secret">TOTP_SECRET, at least <see cref="LeastSecretBytes"/> bytes.</param>
/// <param name="Digits">TOTP_DIGITS: 6 to 8.</param>
/// <param name="Period">TOTP_PERIOD: seconds for which a password is shown.</param>
public sealed record TotpRules(StanzaSecret Secret, int Digits, int Period) : IDisposable
{
    /// <summary>The shortest secret that RFC 4226 (section 4, R6) allows.</summary>
    public const int LeastSecretBytes = 16;

    /// <summary>TOTP_DIGITS when it is not set.</summary>
    public const int DefaultDigits = 6;

    /// <summary>TOTP_PERIOD when it is not set, in seconds.</summary>
    public const int DefaultPeriod = 30;

    /// <summary>Wipes the secret.</summary>
    public void Dispose() => Secret.Dispose();
}
