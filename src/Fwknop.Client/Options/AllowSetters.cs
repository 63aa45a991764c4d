using System.Text;

namespace Fwknop.Client;

/// <summary>Setters of the address to allow (client.md 4.1, 5).</summary>
internal static class AllowSetters
{
    /// <summary>An extension of ours; the reference takes it, as all that begins with "resolve", and does nothing.</summary>
    public const string ResolveIPv6 = "resolve6";

    private const string Local = "local";

    public static SetResult SetAllow(Settings settings, string text)
    {
        if (text.StartsWith("resolve", StringComparison.OrdinalIgnoreCase))
        {
            settings.Allow.ReplaceByResolve(settings.Level, text.Equals(ResolveIPv6, StringComparison.OrdinalIgnoreCase));
            return SetResult.Accepted;
        }

        if (text.Equals(Local, StringComparison.OrdinalIgnoreCase))
        {
            settings.Allow.ReplaceByLocal(settings.Level);
            return SetResult.Accepted;
        }

        settings.Allow.SetLiteral(
            settings.Level, text.Equals("source", StringComparison.OrdinalIgnoreCase) ? AllowAddress.PacketSource : text);
        return SetResult.Accepted;
    }

    public static SetResult SetAllowFromRc(Settings settings, ReadOnlySpan<byte> value)
    {
        string text = Encoding.UTF8.GetString(value);
        bool isWord = text.ToLowerInvariant() is "source" or "resolve" or ResolveIPv6 or Local;
        if (!isWord && !AllowAddress.TryParse(text, out _))
        {
            return SetResult.Refused();
        }

        // An ALLOW_IP line clears a pending resolve (client.md 6.5).
        settings.Allow.SetResolve(settings.Level, false);
        return SetAllow(settings, text);
    }

    public static SetResult SetWgetCommand(Settings settings, string text)
    {
        if (text.Contains('\0', StringComparison.Ordinal))
        {
            return SetResult.Refused(KeySetters.NotACommand("WGET_CMD"));
        }

        settings.WgetCommand = text.Length == 0 ? null : text;
        return SetResult.Accepted;
    }

    public static SetResult SetResolveHttpOnly(Settings settings)
    {
        settings.ResolveHttpOnly = true;
        return SetResolve(settings, true);
    }

    // It becomes a line of a request.
    public static SetResult SetUserAgent(Settings settings, string text)
    {
        if (text.Any(char.IsControl))
        {
            return SetResult.Refused("Invalid user agent: control characters cannot be part of it.");
        }

        settings.UserAgent = text.Length == 0 ? null : text;
        return SetResult.Accepted;
    }

    public static SetResult SetResolve(Settings settings, bool on)
    {
        settings.Allow.SetResolve(settings.Level, on);
        return SetResult.Accepted;
    }

    /// <summary>The choice as <c>ALLOW_IP</c> says it; null when nothing was chosen.</summary>
    public static string? AllowText(Settings settings) =>
        settings.Allow.Literal
        ?? (settings.Allow.IsLocal ? Local : settings.Allow.IsResolveIPv6 ? ResolveIPv6 : settings.Allow.IsResolve ? "resolve" : null);
}
