using System.Security.Cryptography;
using Fwknop.Configuration.Access;
using Fwknop.Protocol;

namespace Fwknop.Listener.Authentication;

/// <summary>
/// The one-time passwords of stanzas (TOTP_SECRET). Each counts once for a user of a stanza (RFC 6238, section 5.2): who reads one from a screen cannot use
/// it again.
/// </summary>
internal sealed class SecondFactor
{
    private readonly Dictionary<(int Stanza, FieldText User), long> _used = [];

    /// <summary>True when the stanza asks for none, or the message carries a right one that has not been used.</summary>
    /// <param name="stanza">The stanza.</param>
    /// <param name="message">An authentic message that is granted otherwise.</param>
    /// <param name="now">The server's clock.</param>
    public bool Accepts(AccessStanza stanza, SpaMessage message, DateTimeOffset now)
    {
        if (stanza.Totp is not { } rules)
        {
            return true;
        }

        Span<byte> secret = stackalloc byte[Limits.HmacKeyBytes];
        secret = secret[..rules.Secret.Length];
        rules.Secret.CopyTo(secret);
        bool isRight = OneTimePassword.TryMatch(message.ServerAuth, secret, rules.Digits, rules.Period, now, out long? step);
        CryptographicOperations.ZeroMemory(secret);
        if (!isRight || step <= _used.GetValueOrDefault((stanza.Number, message.Username), long.MinValue))
        {
            return false;
        }

        _used[(stanza.Number, message.Username)] = step!.Value;
        return true;
    }
}
