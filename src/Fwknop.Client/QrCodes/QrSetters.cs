namespace Fwknop.Client;

/// <summary>Setters of the <c>--qr…</c> options (client.md 18).</summary>
internal static class QrSetters
{
    public static SetResult SetQrFile(Settings settings, string path)
    {
        if (!QrRequest.IsSvg(path) && !path.EndsWith(".png", StringComparison.OrdinalIgnoreCase))
        {
            return SetResult.Refused($"Invalid QR file '{path}': the name must end in .png or .svg.");
        }

        settings.Qr = settings.Qr with { File = path };
        return SetResult.Accepted;
    }
}
