using Fwknop.Configuration.Access;
using Fwknop.Grants;
using Fwknop.Listener.Capture;
using Fwknop.Protocol;

namespace Fwknop.Listener.Tests.Catalogue;

/// <summary>One check of server.md 6, and what the log has to say about it.</summary>
/// <param name="Step">The step of server.md 6, or <c>ours</c>.</param>
/// <param name="What">What is the matter with the packet.</param>
/// <param name="Payload">Makes the packet.</param>
internal sealed record PacketRow(string Step, string What, Func<byte[]> Payload)
{
    /// <summary>What the first stanza has besides its keys.</summary>
    public string Stanza { get; init; } = "";

    /// <summary>Its SOURCE line and keys.</summary>
    public string Begin { get; init; } = "SOURCE 10.0.0.0/8\nKEY k\nHMAC_KEY h\n";

    /// <summary>What gpg says of an OpenPGP packet: who has signed it.</summary>
    public IReadOnlyList<OpenPgpSignature> Signatures { get; init; } = [];

    /// <summary>How the packet comes.</summary>
    public IpProtocol Protocol { get; init; } = IpProtocol.Udp;

    /// <summary>Where the packet comes from.</summary>
    public string Source { get; init; } = "10.0.0.1";

    /// <summary>How many <c>-v</c>.</summary>
    public int Verbosity { get; init; }

    /// <summary>LOG_TEXTS 2.6.10.</summary>
    public bool UsesOldTexts { get; init; }

    /// <summary>Changes to the settings.</summary>
    public Func<ListenerSetup, ListenerSetup> Setup { get; init; } = setup => setup;

    /// <summary>True when the same packet has come before, from 10.0.0.9.</summary>
    public bool IsReplay { get; init; }

    /// <summary>What the packet comes to, or else what the first stanza finds.</summary>
    public required Outcome Outcome { get; init; }

    /// <summary>True when the next stanza is asked.</summary>
    public required bool AsksNext { get; init; }

    /// <summary>All lines, with their level as <c>&lt;4&gt;</c>.</summary>
    public required IReadOnlyList<string> Lines { get; init; }

    /// <summary>The event of the last line; null when it has none.</summary>
    public string? Event { get; init; }

    /// <summary>How the row is called in the list of tests.</summary>
    public string Name => $"{Step}: {What}";

    /// <summary>Both stanzas; the second takes no packet and says nothing but that it was asked.</summary>
    public AccessPolicy ReadPolicy()
    {
        string text = $"{Begin}{Stanza}SOURCE 10.0.0.0/8\nDESTINATION 203.0.113.1\nKEY z\nHMAC_KEY z2\n";
        return AccessFile.Parse(System.Text.Encoding.ASCII.GetBytes(text), "access.conf", TimeZoneInfo.Utc).Value
            ?? throw new InvalidOperationException(text);
    }
}
