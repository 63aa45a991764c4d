using System.Text;
using Fwknop.Protocol;

namespace Fwknop.Client;

/// <summary>Setters of keys and where they come from (client.md 4.3, 6.5).</summary>
internal static class KeySetters
{
    public static SetResult SetRawKey(Settings settings, ReadOnlySpan<byte> value)
    {
        settings.Key = KeySources.WithRaw(settings.Key, settings.Level, value);
        return SetResult.Accepted;
    }

    public static SetResult SetHmacKey(Settings settings, ReadOnlySpan<byte> value)
    {
        settings.HmacKey = KeySources.WithRaw(settings.HmacKey, settings.Level, value);
        settings.Hmac.Imply(settings.Level);
        return SetResult.Accepted;
    }

    public static void SetKeyFile(Settings settings, string? path)
    {
        if (path is not null)
        {
            settings.Key = KeySources.WithFile(settings.Key, settings.Level, path);
        }
    }

    public static void SetHmacFile(Settings settings, string? path)
    {
        if (path is not null)
        {
            settings.HmacKey = KeySources.WithFile(settings.HmacKey, settings.Level, path);
        }

        settings.Hmac.Imply(settings.Level);
    }

    public static SetResult SetKeyCommand(Settings settings, ReadOnlySpan<byte> value)
    {
        if (value.Contains((byte)0))
        {
            return SetResult.Refused(NotACommand("KEY_CMD"));
        }

        settings.Key = KeySources.WithCommand(settings.Key, settings.Level, Encoding.UTF8.GetString(value));
        return SetResult.Accepted;
    }

    public static SetResult SetHmacKeyCommand(Settings settings, ReadOnlySpan<byte> value)
    {
        if (value.Contains((byte)0))
        {
            return SetResult.Refused(NotACommand("HMAC_KEY_CMD"));
        }

        settings.HmacKey = KeySources.WithCommand(settings.HmacKey, settings.Level, Encoding.UTF8.GetString(value));
        settings.Hmac.Imply(settings.Level);
        return SetResult.Accepted;
    }

    /// <summary>A command line cannot have a zero byte in it.</summary>
    public static string NotACommand(string keyword) => $"{keyword}: a command cannot hold a zero byte.";

    public static SetResult SetBase64Key(Settings settings, ReadOnlySpan<byte> value, string refusal)
    {
        if (!SpaBase64.LooksLikeBase64(value))
        {
            return SetResult.Refused(refusal);
        }

        settings.Key = KeySources.WithBase64(settings.Key, settings.Level, value);
        return SetResult.Accepted;
    }

    public static SetResult SetHmacBase64(Settings settings, ReadOnlySpan<byte> value, string refusal)
    {
        if (!SpaBase64.LooksLikeBase64(value))
        {
            return SetResult.Refused(refusal);
        }

        settings.HmacKey = KeySources.WithBase64(settings.HmacKey, settings.Level, value);
        settings.Hmac.Imply(settings.Level);
        return SetResult.Accepted;
    }

    // The reference prints the key here; a typing error in a key is no reason to show it.
    public static string NotBase64(string what) => $"{what} argument '<hidden>' doesn't look like base64-encoded data.";

    public static SetResult SetKeyGenerationFile(Settings settings, string path)
    {
        settings.KeyGeneration = settings.KeyGeneration with { File = path.Length == 0 ? null : path };
        settings.IsKeyGeneration = true;
        return SetResult.Accepted;
    }
}
