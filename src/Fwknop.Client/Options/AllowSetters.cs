using System.Text;

namespace Fwknop.Client;

/// <summary>Setters of the address to allow (client.md 4.1, 5).</summary>
internal static class AllowSetters
{
    public static SetResult SetAllow(Settings settings, string text)
    {
        if (text.StartsWith("resolve", StringComparison.OrdinalIgnoreCase))
        {
            return SetResolve(settings, true);
        }

        settings.Allow.SetLiteral(
            settings.Level, text.Equals("source", StringComparison.OrdinalIgnoreCase) ? AllowAddress.PacketSource : text);
        return SetResult.Accepted;
    }

    public static SetResult SetAllowFromRc(Settings settings, ReadOnlySpan<byte> value)
    {
        string text = Encoding.UTF8.GetString(value);
        bool isWord = text.Equals("source", StringComparison.OrdinalIgnoreCase) || text.Equals("resolve", StringComparison.OrdinalIgnoreCase);
        if (!isWord && !AllowAddress.TryParse(text, out _))
        {
            return SetResult.Refused();
        }

        // An ALLOW_IP line clears a pending resolve (client.md 6.5).
        settings.Allow.SetResolve(settings.Level, false);
        return SetAllow(settings, text);
    }

    public static SetResult SetResolve(Settings settings, bool on)
    {
        settings.Allow.SetResolve(settings.Level, on);
        return SetResult.Accepted;
    }
}
