namespace Fwknop.Client;

/// <summary>What the settings ask for and this version does not do. It is refused, never ignored.</summary>
internal static class Unsupported
{
    /// <summary>The first such feature, or null.</summary>
    public static string? InEffect(Settings settings) =>
        settings.Transport != SpaTransport.Udp ? $"-P {TransportNames.GetName(settings.Transport)}"
        : settings.SpoofSource is not null ? "--spoof-source"
        : settings.RandomPort ? "--rand-port"
        : null;

    public static string Text(string feature) => $"fwknop: {feature} is not supported yet.";
}
