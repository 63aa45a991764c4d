namespace Fwknop.Client;

/// <summary>What the <c>--qr…</c> options ask for (client.md 18).</summary>
internal sealed record QrRequest
{
    /// <summary><c>--qr</c>: draw the keys in the terminal.</summary>
    public bool Show { get; init; }

    /// <summary><c>--qr-file</c>: a file that ends in .png or .svg.</summary>
    public string? File { get; init; }

    /// <summary><c>--qr-only</c>: no key lines.</summary>
    public bool OnlyCode { get; init; }

    /// <summary><c>--qr-profile</c>: server, port, access list and HMAC digest too.</summary>
    public bool WithProfile { get; init; }

    /// <summary><c>--qr-ip</c>: the address to allow instead of keys.</summary>
    public bool Address { get; init; }

    /// <summary>True when something is to be handed over; then no packet is sent.</summary>
    public bool IsWanted => Show || File is not null || OnlyCode || WithProfile || Address;

    /// <summary>True when the code is to be drawn: always when no file is asked for.</summary>
    public bool IsDrawn => Show || File is null;

    /// <summary>True for a file name that asks for SVG; any other is one of a PNG.</summary>
    public static bool IsSvg(string path) => path.EndsWith(".svg", StringComparison.OrdinalIgnoreCase);
}
