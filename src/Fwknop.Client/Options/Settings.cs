using Fwknop.Configuration.KeyGeneration;
using Fwknop.Native.FileSystem;
using Fwknop.OpenPgp;
using Fwknop.Protocol;

namespace Fwknop.Client;

/// <summary>
/// Everything that options and rc keywords set. Levels are applied from low to high: built-in, <c>[default]</c>, stanza,
/// command line; a later value replaces an earlier one (client.md 6.4). Where the rule is finer, the property has its own type.
/// </summary>
internal sealed class Settings : IDisposable
{
    public const int DefaultServerPort = 62201;

    /// <summary>The level whose settings are being applied now.</summary>
    public Level Level { get; set; }

    // What to ask for (client.md 4.1)
    public string? Access { get; set; }

    public string? Destination { get; set; }

    public AllowChoice Allow { get; } = new();

    public string? ResolveUrl { get; set; }

    public bool ResolveHttpOnly { get; set; }

    /// <summary>The external command of <c>-w</c>; without it the resolver is the built-in one.</summary>
    public string? WgetCommand { get; set; }

    public bool UseWgetUserAgent { get; set; }

    /// <summary>For <c>-R</c> and <c>-P http</c>; null for <c>Fwknop/</c> and our version.</summary>
    public string? UserAgent { get; set; }

    public string? ServerCommand { get; set; }

    /// <summary>Seconds; 0 is as if absent.</summary>
    public int FirewallTimeout { get; set; }

    /// <summary>What a one-time password makes of the packet's field for server authentication; null = no field.</summary>
    public FieldText? OneTimePassword { get; set; }

    public string? NatAccess { get; set; }

    public bool NatLocal { get; set; }

    /// <summary>0 means unset.</summary>
    public int NatPort { get; set; }

    public bool NatRandomPort { get; set; }

    public string? User { get; set; }

    public TimeOffset TimeOffset { get; } = new();

    // How to send (client.md 4.2)
    public SpaTransport Transport { get; set; }

    public int ServerPort { get; set; } = DefaultServerPort;

    /// <summary>0 means that the operating system chooses.</summary>
    public int SourcePort { get; set; }

    public bool RandomPort { get; set; }

    public string? SpoofSource { get; set; }

    public byte IcmpType { get; set; }

    public byte IcmpCode { get; set; }

    public AddressFamilies Families { get; set; }

    public string? HttpProxy { get; set; }

    public string? PacketFile { get; set; }

    public bool AppendPacket { get; set; }

    public bool IsTest { get; set; }

    // Crypto and keys (client.md 4.3)
    public DigestType Digest { get; set; } = DigestType.Sha256;

    public EncryptionMode Mode { get; set; } = EncryptionMode.Cbc;

    public HmacType HmacDigest { get; set; } = HmacType.Sha256;

    public HmacSwitch Hmac { get; } = new();

    public KeySources? Key { get; set; }

    public KeySources? HmacKey { get; set; }

    /// <summary>The descriptor that answers prompts, instead of the terminal.</summary>
    public int? KeyDescriptor { get; set; }

    public bool IsKeyGeneration { get; set; }

    /// <summary>Lengths and file; the HMAC type is <see cref="HmacDigest"/>.</summary>
    public KeyGenerationOptions KeyGeneration { get; set; } = new();

    /// <summary>What to hand over to another device.</summary>
    public QrRequest Qr { get; set; } = new();

    public bool UseGpg { get; set; }

    public string? GpgRecipient { get; set; }

    public string? GpgSigner { get; set; }

    /// <summary>Null: gpg's own choice.</summary>
    public string? GpgHomeDirectory { get; set; }

    public string GpgExecutable { get; set; } = GpgSettings.DefaultExecutable;

    public bool UseGpgAgent { get; set; }

    public bool GpgNoSigningPassphrase { get; set; }

    // What follows the knock
    public const int DefaultWaitSeconds = 15;
    public const int DefaultConnectSeconds = 30;

    public bool IsWaiting { get; set; }

    /// <summary>How long to wait for the port; null for the default.</summary>
    public int? WaitSeconds { get; set; }

    /// <summary>Interval between fresh packets; 0 for one packet.</summary>
    public int RepeatSeconds { get; set; }

    /// <summary>Where standard input and output are to be connected to.</summary>
    public HostPort? Connect { get; set; }

    /// <summary>The words of the command to run; empty for none.</summary>
    public IReadOnlyList<string> Command { get; set; } = [];

    /// <summary>Standard input and output belong to a connection or a command.</summary>
    public bool LendsStreams => Connect is not null || Command.Count > 0;

    /// <summary>Anything at all is to follow.</summary>
    public bool Follows => IsWaiting || RepeatSeconds > 0 || Connect is not null || Command.Count > 0;

    // Files, profile, misc (client.md 4.4)
    public string? StanzaName { get; set; }

    public string? RcFile { get; set; }

    public bool NoRcFile { get; set; }

    public bool NoHomeDirectory { get; set; }

    public bool SaveStanza { get; set; }

    /// <summary>The server of <c>--setup</c>.</summary>
    public string? SetupHost { get; set; }

    /// <summary>Saving a stanza replaces keys without asking.</summary>
    public bool ForceStanza { get; set; }

    public bool ListStanzas { get; set; }

    /// <summary>Where the last command line is kept; null = <c>.fwknop.run</c> in the home folder.</summary>
    public string? HistoryFile { get; set; }

    /// <summary>The descriptors that are named, by number or path, as something of this program's own.</summary>
    public IEnumerable<int> NamedDescriptors
    {
        get
        {
            string?[] paths = [RcFile, HistoryFile, PacketFile, .. KeySources.FilesOf(Key), .. KeySources.FilesOf(HmacKey)];
            return paths.Select(path => path is null ? null : DescriptorPath.NumberOf(path)).Append(KeyDescriptor).OfType<int>();
        }
    }

    public bool NoHistory { get; set; }

    public bool HistoryWithoutKeys { get; set; }

    public bool IsLastCommand { get; set; }

    public bool ShowLast { get; set; }

    public bool IsVersion { get; set; }

    /// <summary>The shell whose completion script to print.</summary>
    public string? CompletionShell { get; set; }

    public bool IsManualPage { get; set; }

    public int OptionVerbosity { get; set; }

    public int RcVerbosity { get; set; }

    /// <summary>The larger of <c>-v</c> and <c>VERBOSE</c> (client.md 2, decision).</summary>
    public int Verbosity => Math.Max(OptionVerbosity, RcVerbosity);

    /// <summary>
    /// A resolver URL alone asks for resolving, unless an address was given (client.md 4.1); in test mode too, which shall show
    /// what would be sent (the reference then has no address and fails).
    /// </summary>
    public bool WantsResolving => Allow.IsResolve || Allow.IsLocal || (Allow.Literal is null && ResolveUrl is not null);

    public void Dispose()
    {
        Key?.Dispose();
        HmacKey?.Dispose();
    }
}
