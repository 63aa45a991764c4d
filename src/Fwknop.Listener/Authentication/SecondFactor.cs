using System.Security.Cryptography;
using Fwknop.Configuration.Access;
using Fwknop.Protocol;

namespace Fwknop.Listener.Authentication;

/// <summary>
/// The one-time passwords of stanzas (TOTP_SECRET). Each counts once in a stanza, whatever user name comes with it (RFC 6238, section 5.2), and none from before
/// this process was started, which knows nothing of its use. Guessing is limited (RFC 4226, section 7.3): after some wrong ones, none counts until the next step.
/// </summary>
/// <param name="startedAt">When the process was started, in seconds since 1970.</param>
internal sealed class SecondFactor(long startedAt)
{
    /// <summary>Our choice: a typing error or two.</summary>
    private const int MaxWrong = 5;

    private readonly Dictionary<int, long> _used = [];
    private readonly Dictionary<int, (long Step, int Count)> _wrong = [];

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

        long current = now.ToUnixTimeSeconds() / rules.Period;
        int wrong = _wrong.TryGetValue(stanza.Number, out (long Step, int Count) seen) && seen.Step == current ? seen.Count : 0;
        if (wrong >= MaxWrong)
        {
            return false;
        }

        long last = _used.TryGetValue(stanza.Number, out long used) ? used : (startedAt / rules.Period) - 1;
        if (!Matches(rules, message, now, out long? step) || step <= last)
        {
            _wrong[stanza.Number] = (current, wrong + 1);
            return false;
        }

        _used[stanza.Number] = step!.Value;
        return true;
    }

    private static bool Matches(TotpRules rules, SpaMessage message, DateTimeOffset now, out long? step)
    {
        Span<byte> secret = stackalloc byte[Limits.HmacKeyBytes];
        secret = secret[..rules.Secret.Length];
        rules.Secret.CopyTo(secret);
        bool isRight = OneTimePassword.TryMatch(message.ServerAuth, secret, rules.Digits, rules.Period, now, out step);
        CryptographicOperations.ZeroMemory(secret);
        return isRight;
    }
}
