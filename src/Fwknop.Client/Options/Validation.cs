using System.Net;
using System.Net.Sockets;

namespace Fwknop.Client;

/// <summary>The checks between the settings, in the reference's order; the first that fails ends the run (client.md 5).</summary>
internal static class Validation
{
    private const string NoDestination = "Must use --destination unless --test mode is used";

    /// <param name="settings">The merged settings.</param>
    /// <param name="stanzaFound">False when <c>-n</c> named a stanza that does not exist.</param>
    /// <returns>The message, or null when all is well.</returns>
    public static string? FirstProblem(Settings settings, bool stanzaFound)
    {
        bool sendsNothing = settings.IsTest || settings.IsKeyGeneration || settings.IsVersion || settings.ShowLast || settings.IsLastCommand
            || settings.Qr.IsWanted;
        if (!stanzaFound && !settings.SaveStanza)
        {
            return $"Named configuration stanza: [{settings.StanzaName}] was not found.";
        }

        if (settings.Destination is null && (!sendsNothing || (settings.SaveStanza && settings.StanzaName is null)))
        {
            return NoDestination;
        }

        if (!sendsNothing && !settings.WantsResolving && settings.Allow.Literal is null)
        {
            return "Must use one of [-s|-R|-a] to specify IP for SPA access.";
        }

        if (settings.Allow.Literal is { } literal && !AllowAddress.TryParse(literal, out _))
        {
            return "Invalid allow IP specified for SPA access";
        }

        if (settings is { IsKeyGeneration: true, Qr.Address: true })
        {
            return $"{Messages.Prefix}--qr-ip hands over an address, --key-gen keys: choose one.";
        }

        return FirstRouteProblem(settings) ?? FirstCryptoProblem(settings) ?? FirstInputProblem(settings) ?? FollowingRules.FirstProblem(settings);
    }

    /// <summary>What this operating system cannot do and can be told before anything is asked.</summary>
    /// <returns>The message, or null when all is well.</returns>
    public static string? FirstProblem(Settings settings, IPlatform platform) =>
        settings.KeyDescriptor > 0 && !platform.HasDescriptors ? "Read password from FD not supported on Windows" : null;

    private static string? FirstRouteProblem(Settings settings)
    {
        bool isRaw = settings.Transport.IsRaw();
        return settings.SpoofSource is { } spoof && !NumericAddress.TryParseQuad(spoof, out _) ? "Invalid spoof IP"
            : settings.SpoofSource is not null && !isRaw ? "Must set -P <udpraw|tcpraw|icmp> with a spoofed source IP"
            : settings.HttpProxy is not null && settings.Transport != SpaTransport.Http ? "Cannot set --http-proxy with a non-HTTP protocol."
            : isRaw && settings.Families == AddressFamilies.IPv6
                ? $"Cannot set -6 (--ipv6-only) with -P {TransportNames.GetName(settings.Transport)}, which sends over IPv4 only."
            : FamilyProblem(settings);
    }

    // A proxy looks the destination up by itself.
    private static string? FamilyProblem(Settings settings)
    {
        if (!string.IsNullOrEmpty(settings.HttpProxy) || !HostAddresses.TryParseLiteral(settings.Destination ?? string.Empty, out IPAddress address))
        {
            return null;
        }

        return (settings.Families, address.AddressFamily) switch
        {
            (AddressFamilies.IPv4, AddressFamily.InterNetworkV6) =>
                $"Cannot send to {settings.Destination}, an IPv6 address, with -4 (--ipv4-only, --server-resolve-ipv4).",
            (AddressFamilies.IPv6, AddressFamily.InterNetwork) => $"Cannot send to {settings.Destination}, an IPv4 address, with -6 (--ipv6-only).",
            _ => null,
        };
    }

    private static string? FirstCryptoProblem(Settings settings) =>
        settings.UseGpg && settings.GpgRecipient is null ? "Must specify --gpg-recipient-key when GPG is used."
        : settings.Mode == Protocol.EncryptionMode.Asymmetric && !settings.UseGpg
            ? "Must specify GPG recipient/signing keys when Asymmetric encryption mode is used."
        : settings.Mode == Protocol.EncryptionMode.Legacy && (settings.Hmac.IsOn || settings is { IsKeyGeneration: true, SaveStanza: true })
            ? "Legacy encryption mode is incompatible with HMAC usage."
        : null;

    private static string? FirstInputProblem(Settings settings) =>
        settings.KeyDescriptor == 0 && settings.RcFile is { } path && RcLocation.Of(path).IsStandardInput
            ? "Settings and keys cannot both be read from standard input."
            : null;
}
