using Fwknop.Configuration.Files;
using Fwknop.Protocol;

namespace Fwknop.Configuration.Access;

/// <summary>A stanza while its lines are read. Owns its copy of the keys; the stanza gets its own.</summary>
internal sealed class StanzaDraft(int number, Place place, string sourceText, TimeZoneInfo zone) : IDisposable
{
    /// <summary>The SOURCE as written, by which messages name the stanza.</summary>
    public string SourceText => sourceText;

    public TimeZoneInfo Zone => zone;

    public AddressList? Source { get; set; }

    public AddressList? Destination { get; set; }

    public PortList? OpenPorts { get; set; }

    public PortList? RestrictPorts { get; set; }

    public DraftKey? EncryptionKey
    {
        get;
        set
        {
            field?.Dispose();
            field = value;
        }
    }

    public DraftKey? HmacKey
    {
        get;
        set
        {
            field?.Dispose();
            field = value;
        }
    }

    /// <summary>True when a key line was refused, so that the lack of a key needs no second message.</summary>
    public bool HasRefusedKey { get; set; }

    public HmacType HmacType { get; set; } = HmacType.Sha256;

    public Place? HmacTypePlace { get; set; }

    public EncryptionMode EncryptionMode { get; set; } = EncryptionMode.Cbc;

    public int FwAccessTimeout { get; set; }

    public int MaxFwTimeout { get; set; }

    public string? RequireUsername { get; set; }

    public bool RequireSourceAddress { get; set; }

    public DateTimeOffset? AccessExpire { get; set; }

    /// <summary>Checks the stanza as a whole (server.md 4.4) and makes it.</summary>
    /// <returns>The stanza, which owns new copies of the keys, or null after an error.</returns>
    public AccessStanza? Build(DiagnosticList diagnostics)
    {
        bool keysAreGood = CheckKeys(diagnostics);
        Remark();
        PacketKeys? keys = keysAreGood && Source is not null ? MakeKeys() : null;
        if (keys is null)
        {
            place.Error($"[*] Data error in access file: '{place.File}'");
            return null;
        }

        return new AccessStanza
        {
            Number = number,
            File = place.File,
            Line = place.Line,
            Source = Source!,
            Destination = Destination,
            OpenPorts = OpenPorts,
            RestrictPorts = RestrictPorts,
            Keys = keys,
            EncryptionKeyIsBase64 = EncryptionKey!.IsBase64,
            HmacKeyIsBase64 = HmacKey?.IsBase64 ?? false,
            FwAccessTimeout = OrDefault(FwAccessTimeout, AccessStanza.DefaultFwAccessTimeout),
            MaxFwTimeout = OrDefault(MaxFwTimeout, AccessStanza.DefaultMaxFwTimeout),
            RequireUsername = RequireUsername,
            RequireSourceAddress = RequireSourceAddress,
            AccessExpire = AccessExpire,
        };
    }

    public void Dispose()
    {
        EncryptionKey?.Dispose();
        HmacKey?.Dispose();
    }

    private PacketKeys? MakeKeys()
    {
        EncryptionKey encryptionKey = Protocol.EncryptionKey.FromBytes(EncryptionKey!.Bytes);
        HmacKey? hmacKey = HmacKey is null ? null : Protocol.HmacKey.FromBytes(HmacKey.Bytes);
        try
        {
            return new PacketKeys(encryptionKey, hmacKey, HmacType, EncryptionMode);
        }
        catch (PlatformNotSupportedException e)
        {
            encryptionKey.Dispose();
            hmacKey?.Dispose();
            (HmacTypePlace ?? place).Error($"[*] {e.Message}");
            return null;
        }
    }

    private static int OrDefault(int seconds, int standard) => seconds == 0 ? standard : seconds;

    private bool CheckKeys(DiagnosticList diagnostics)
    {
        if (EncryptionKey is { Bytes.Length: > Limits.LegacyKeyBytes } && EncryptionMode == EncryptionMode.Legacy)
        {
            EncryptionKey.Truncate(Limits.LegacyKeyBytes);
            place.Info($"Warning: truncating encryption key in legacy mode to 16 bytes for access stanza source: '{sourceText}'");
        }

        // A refused line has had its message; that the stanza then lacks the key is no second fault.
        bool hasKey = EncryptionKey is { Bytes.IsEmpty: false };
        if (!hasKey && !(HasRefusedKey && EncryptionKey is null))
        {
            place.Error($"[*] No keys found for access stanza source: '{sourceText}'");
        }

        bool lengthsAreGood = CheckLength(EncryptionKey, Limits.EncryptionKeyBytes, diagnostics)
            & CheckLength(HmacKey, Limits.HmacKeyProgramBytes, diagnostics);
        bool areIdentical = hasKey && HmacKey is not null && EncryptionKey!.HasSameBytesAs(HmacKey);
        if (areIdentical)
        {
            place.Error($"[*] The encryption passphrase and HMAC key should not be identical for access stanza source: '{sourceText}'");
        }

        return hasKey && lengthsAreGood && !areIdentical && !HasRefusedKey;
    }

    private bool CheckLength(DraftKey? key, int limit, DiagnosticList diagnostics)
    {
        if (key is null)
        {
            return true;
        }

        string? fault = key.Bytes.Length > limit ? FormattableString.Invariant($"is longer than {limit} bytes")
            : key.Bytes.IsEmpty ? "is empty"
            : null;
        if (fault is not null)
        {
            diagnostics.Error(place.File, key.Line, $"[*] {key.Keyword} value {fault} in stanza source '{sourceText}' in access file: '{place.File}'");
        }

        return fault is null;
    }

    private void Remark()
    {
        if (!RequireSourceAddress)
        {
            place.Info($"Warning: REQUIRE_SOURCE_ADDRESS not enabled for access stanza source: '{sourceText}'");
        }

        if (OrDefault(MaxFwTimeout, AccessStanza.DefaultMaxFwTimeout) < OrDefault(FwAccessTimeout, AccessStanza.DefaultFwAccessTimeout))
        {
            // The reference claims to honour MAX_FW_TIMEOUT here, and does not (server.md 13, Q6).
            place.Info(FormattableString.Invariant(
                $"Warning: MAX_FW_TIMEOUT < FW_ACCESS_TIMEOUT, MAX_FW_TIMEOUT limits only what clients ask for, for stanza source: '{sourceText}' (#{number})"));
        }

        if (HmacKey is null && !HasRefusedKey && HmacTypePlace is Place typePlace)
        {
            typePlace.Warning($"[*] HMAC_DIGEST_TYPE has no effect without an HMAC key in stanza source '{sourceText}'");
        }
    }
}
