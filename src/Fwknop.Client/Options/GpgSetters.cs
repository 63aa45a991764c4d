using System.Text;

namespace Fwknop.Client;

/// <summary>Setters of the GPG options (client.md 4.3).</summary>
internal static class GpgSetters
{
    /// <summary>Drops one slash at the end, which shells add when they complete names.</summary>
    public static void SetGpgHome(Settings settings, string? path) =>
        settings.GpgHomeDirectory = path?.Length > 1 && path.EndsWith('/') ? path[..^1] : path;

    /// <summary>As it stands, as the reference does.</summary>
    public static SetResult SetGpgHomeFromRc(Settings settings, ReadOnlySpan<byte> value)
    {
        settings.GpgHomeDirectory = Encoding.UTF8.GetString(value);
        return SetResult.Accepted;
    }
}
