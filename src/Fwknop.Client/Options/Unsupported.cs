namespace Fwknop.Client;

/// <summary>What the settings ask for and this version does not do. It is refused, never ignored.</summary>
internal static class Unsupported
{
    /// <summary>The first such feature, or null.</summary>
    public static string? InEffect(Settings settings) =>
        settings.UseGpg || settings.Mode == Protocol.EncryptionMode.Asymmetric ? "GPG encryption"
        : null;

    public static string Text(string feature) => $"fwknop: {feature} is not supported yet.";
}
