using System.Net;
using System.Security.Cryptography;

namespace Fwknop.Client;

/// <summary>Where and how a packet goes (client.md 4.2).</summary>
internal sealed record PacketRoute
{
    private const int FirstRandomPort = 10000;

    public required SpaTransport Transport { get; init; }

    /// <summary>Name or address of the server; IPv6 addresses with or without brackets. Empty in a test run without destination.</summary>
    public required string Host { get; init; }

    public required int Port { get; init; }

    /// <summary>0 lets the operating system choose, which it cannot for raw packets.</summary>
    public int SourcePort { get; init; }

    public AddressFamilies Families { get; init; }

    /// <summary>Which family comes first for a name that has both: that of the address to allow.</summary>
    public bool PreferIPv6 { get; init; }

    /// <summary>The forged source of a raw packet, or null.</summary>
    public IPAddress? SpoofedSource { get; init; }

    public byte IcmpType { get; init; }

    public byte IcmpCode { get; init; }

    /// <summary>As written after <c>-H</c>; null or empty without a proxy.</summary>
    public string? HttpProxy { get; init; }

    public string UserAgent { get; init; } = string.Empty;

    /// <summary>
    /// The route that the settings ask for. Random ports are the operating system's random numbers, 10000 to 65535, made anew with
    /// each call: the reference's ports give away digits of the packet (client.md 13.6, decision).
    /// </summary>
    public static PacketRoute Of(Settings settings, bool preferIPv6) => new()
    {
        Transport = settings.Transport,
        Host = settings.Destination ?? string.Empty,
        Port = settings.RandomPort ? RandomPort() : settings.ServerPort,
        SourcePort = settings.SourcePort == 0 && settings.Transport.IsRaw() ? RandomPort() : settings.SourcePort,
        Families = settings.Families,
        PreferIPv6 = preferIPv6,
        SpoofedSource = NumericAddress.TryParseQuad(settings.SpoofSource, out IPAddress spoofed) ? spoofed : null,
        IcmpType = settings.IcmpType,
        IcmpCode = settings.IcmpCode,
        HttpProxy = settings.HttpProxy,
        UserAgent = settings.UserAgent ?? VersionText.UserAgent,
    };

    /// <summary>A random port of 10000 to 65535.</summary>
    public static int RandomPort() => RandomNumberGenerator.GetInt32(FirstRandomPort, IPEndPoint.MaxPort + 1);
}
