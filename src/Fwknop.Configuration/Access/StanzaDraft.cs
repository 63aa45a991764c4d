using Fwknop.Configuration.Files;
using Fwknop.Protocol;

namespace Fwknop.Configuration.Access;

/// <summary>A stanza while its lines are read. Owns its copy of the keys; the stanza gets its own.</summary>
internal sealed class StanzaDraft(Place place, string sourceText, AccessContext context) : IDisposable
{
    /// <summary>Ports and ranges that ALLOW_NO_PORTS opens: as many as a packet can name.</summary>
    private const int MaxPortsWithoutRequest = 32;

    /// <summary>The SOURCE as written, by which messages name the stanza.</summary>
    public string SourceText => sourceText;

    public AccessContext Context => context;

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

    public DraftKey? TotpSecret
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

    public CommandDraft Commands { get; } = new();

    public CycleDraft Cycle { get; } = new();

    public NatDraft Nat { get; } = new();

    public GpgDraft Gpg { get; } = new();

    public string? Name { get; set; }

    public AccessSchedule? Schedule { get; set; }

    public DraftCommand? Notify { get; set; }

    public int TotpDigits { get; set; } = TotpRules.DefaultDigits;

    public int TotpPeriod { get; set; } = TotpRules.DefaultPeriod;

    public GrantPrefix Prefix { get; set; } = GrantPrefix.Host;

    public bool AllowsNoPorts { get; set; }

    /// <summary>The files of %include_keys.</summary>
    public List<KeyFile> KeyFiles { get; } = [];

    /// <summary>What the stanza sets, for those who show it.</summary>
    public Dictionary<string, WrittenSetting> Written { get; } = new(StringComparer.Ordinal);

    private bool HasSymmetricKey => EncryptionKey is { Bytes.IsEmpty: false };

    /// <summary>Checks the stanza as a whole (server.md 4.4).</summary>
    /// <returns>False when it is not to be used: after an error, or because of a key file.</returns>
    public bool Check()
    {
        bool isGood = CheckKeys();
        if (!RequireSourceAddress)
        {
            place.Info($"Warning: REQUIRE_SOURCE_ADDRESS not enabled for access stanza source: '{sourceText}'");
        }

        isGood &= Nat.Check(sourceText, context.Nat, place);
        Commands.Remark(sourceText, place);
        isGood &= Cycle.Check(sourceText, place);
        isGood &= CheckOwn();
        if (SkipForKeyFile())
        {
            return false;
        }

        isGood &= Source is not null;
        if (!isGood)
        {
            place.Error($"[*] Data error in access file: '{place.File}'");
        }

        return isGood;
    }

    /// <summary>Says that another stanza has the name.</summary>
    public void SayNameIsTaken() => place.Error($"[*] STANZA_NAME '{Name}' is taken by an earlier stanza: '{sourceText}'");

    /// <summary>Makes a stanza that <see cref="Check"/> has found good.</summary>
    /// <param name="number">Its position among those that are used, from 1.</param>
    /// <returns>The stanza, which owns new copies of the keys, or null when it cannot be used after all.</returns>
    public AccessStanza? Make(int number)
    {
        if (Gpg.LacksSigners)
        {
            Fail(FormattableString.Invariant(
                $"Warning: Must have either sig ID's or fingerprints to check via GPG_REMOTE_ID or GPG_FINGERPRINT_ID (stanza source: '{sourceText}' #{number})"));
            SkipForKeyFile();
            return null;
        }

        return MakeKeys() is not PacketKeys keys ? null : new AccessStanza
        {
            Number = number,
            Name = Name,
            File = place.File,
            Line = place.Line,
            Source = Source!,
            Destination = Destination,
            OpenPorts = OpenPorts,
            RestrictPorts = RestrictPorts,
            Keys = keys,
            EncryptionKeyIsBase64 = EncryptionKey?.IsBase64 ?? false,
            HmacKeyIsBase64 = HmacKey?.IsBase64 ?? false,
            FwAccessTimeout = OrDefault(FwAccessTimeout, AccessStanza.DefaultFwAccessTimeout),
            MaxFwTimeout = OrDefault(MaxFwTimeout, AccessStanza.DefaultMaxFwTimeout),
            RequireUsername = RequireUsername,
            RequireSourceAddress = RequireSourceAddress,
            AccessExpire = AccessExpire,
            Commands = Commands.Make(),
            Cycle = Cycle.Make(),
            Nat = Nat.Make(),
            Gpg = Gpg.Make(context),
            Schedule = Schedule,
            NotifyCommand = Notify?.Words,
            Totp = TotpSecret is null ? null : new TotpRules(new StanzaSecret(TotpSecret.Bytes), TotpDigits, TotpPeriod),
            Prefix = Prefix,
            AllowsNoPorts = AllowsNoPorts,
            Written = Written,
        };
    }

    /// <summary>Says what is remarkable about a stanza that is used (server.md 4.4, after all files).</summary>
    /// <param name="number">Its position among those that are used, from 1.</param>
    public void Remark(int number)
    {
        if (OrDefault(MaxFwTimeout, AccessStanza.DefaultMaxFwTimeout) < OrDefault(FwAccessTimeout, AccessStanza.DefaultFwAccessTimeout))
        {
            // The reference claims to honour MAX_FW_TIMEOUT here, and does not (server.md 13, Q6).
            place.Info(FormattableString.Invariant(
                $"Warning: MAX_FW_TIMEOUT < FW_ACCESS_TIMEOUT, MAX_FW_TIMEOUT limits only what clients ask for, for stanza source: '{sourceText}' (#{number})"));
        }

        Gpg.Remark((sourceText, number), Written, place);
        if (HmacKey is null && HmacTypePlace is Place typePlace)
        {
            typePlace.Warning($"[*] HMAC_DIGEST_TYPE has no effect without an HMAC key in stanza source '{sourceText}'");
        }

        if (HasSymmetricKey && EncryptionMode == EncryptionMode.Asymmetric)
        {
            place.Warning($"[*] The encryption key has no effect with ENCRYPTION_MODE Asymmetric in stanza source '{sourceText}'");
        }

        if (Prefix != GrantPrefix.Host && Cycle.Open is not null)
        {
            place.Warning($"[*] GRANT_PREFIX has no effect with CMD_CYCLE_OPEN, which is run for one address, in stanza source '{sourceText}'");
        }

        if (TotpSecret is null && (Written.ContainsKey("TOTP_DIGITS") || Written.ContainsKey("TOTP_PERIOD")))
        {
            place.Warning($"[*] TOTP_DIGITS and TOTP_PERIOD have no effect without TOTP_SECRET in stanza source '{sourceText}'");
        }
    }

    public void Dispose()
    {
        EncryptionKey?.Dispose();
        HmacKey?.Dispose();
        TotpSecret?.Dispose();
        Gpg.Dispose();
    }

    private static int OrDefault(int seconds, int standard) => seconds == 0 ? standard : seconds;

    /// <summary>GPG alone has no symmetric key; its mode keeps packets from being opened with the empty one.</summary>
    private PacketKeys? MakeKeys()
    {
        bool isSymmetric = HasSymmetricKey && EncryptionMode != EncryptionMode.Asymmetric;
        EncryptionKey encryptionKey = Protocol.EncryptionKey.FromBytes(isSymmetric ? EncryptionKey!.Bytes : []);
        HmacKey? hmacKey = HmacKey is null ? null : Protocol.HmacKey.FromBytes(HmacKey.Bytes);
        try
        {
            return new PacketKeys(encryptionKey, hmacKey, HmacType, isSymmetric ? EncryptionMode : EncryptionMode.Asymmetric);
        }
        catch (PlatformNotSupportedException e)
        {
            encryptionKey.Dispose();
            hmacKey?.Dispose();
            (HmacTypePlace ?? place).Error($"[*] {e.Message}");
            return null;
        }
    }

    private bool CheckKeys()
    {
        // A refused line has had its message; that the stanza then lacks the key is no second fault.
        bool hasKey = HasSymmetricKey || Gpg.IsUsed;
        if (!hasKey && !(HasRefusedKey && EncryptionKey is null))
        {
            Fail($"[*] No keys found for access stanza source: '{sourceText}'");
        }

        if (EncryptionKey is { Bytes.Length: > Limits.LegacyKeyBytes } && EncryptionMode == EncryptionMode.Legacy)
        {
            EncryptionKey.Truncate(Limits.LegacyKeyBytes);
            place.Info($"Warning: truncating encryption key in legacy mode to 16 bytes for access stanza source: '{sourceText}'");
        }

        bool lengthsAreGood = CheckLength(EncryptionKey, 1, Limits.EncryptionKeyBytes) & CheckLength(HmacKey, 1, Limits.HmacKeyProgramBytes)
            & CheckLength(Gpg.Passphrase, 1, StanzaSecret.MaxLength);
        bool areIdentical = HmacKey is not null
            && ((HasSymmetricKey && EncryptionKey!.HasSameBytesAs(HmacKey)) || Gpg.Passphrase?.HasSameBytesAs(HmacKey) == true);
        if (areIdentical)
        {
            Fail($"[*] The encryption passphrase and HMAC key should not be identical for access stanza source: '{sourceText}'");
        }

        bool lacksGpg = EncryptionMode == EncryptionMode.Asymmetric && !Gpg.IsUsed && hasKey;
        if (lacksGpg)
        {
            Fail($"[*] ENCRYPTION_MODE Asymmetric needs GPG_DECRYPT_PW or GPG_ALLOW_NO_PW Y in stanza source '{sourceText}'");
        }

        return hasKey && lengthsAreGood && !areIdentical && !lacksGpg && !HasRefusedKey;
    }

    private bool CheckLength(DraftKey? key, int min, int max)
    {
        string? fault = key is null ? null
            : key.Bytes.Length > max ? FormattableString.Invariant($"is longer than {max} bytes")
            : key.Bytes.IsEmpty ? "is empty"
            : key.Bytes.Length < min ? FormattableString.Invariant($"is shorter than {min} bytes")
            : null;
        if (fault is null)
        {
            return true;
        }

        string text = $"[*] {key!.Keyword} value {fault} in stanza source '{sourceText}' in access file: '{key.Place.File}'";
        if (key.Place.File == place.File)
        {
            key.Place.Error(text);
        }
        else
        {
            Fail(text);
        }

        return false;
    }

    private bool CheckOwn()
    {
        bool notifyIsGood = Notify?.Check(sourceText) ?? true;
        bool totpIsGood = CheckLength(TotpSecret, TotpRules.LeastSecretBytes, Limits.HmacKeyProgramBytes);
        bool portsAreGood = !AllowsNoPorts || CheckPortsWithoutRequest();
        return notifyIsGood && totpIsGood && portsAreGood;
    }

    private bool CheckPortsWithoutRequest()
    {
        IReadOnlyList<PortRange>? ports = OpenPorts?.Without(RestrictPorts);
        string? error = ports is null or { Count: > MaxPortsWithoutRequest }
                ? FormattableString.Invariant($"needs OPEN_PORTS with at most {MaxPortsWithoutRequest} ports or ranges")
            : ports.Count == 0 ? "has nothing to open: RESTRICT_PORTS has all of OPEN_PORTS"
            : Cycle.Open is not null && ports is not [{ IsSingle: true }] ? "with CMD_CYCLE_OPEN needs OPEN_PORTS with exactly one port"
            : null;
        if (error is not null)
        {
            place.Error($"[*] ALLOW_NO_PORTS {error} in stanza source '{sourceText}'");
        }

        return error is null;
    }

    /// <summary>Refuses the stanza; where keys come from a file of a user it is left out, because nobody else is to blame for that file.</summary>
    private void Fail(string text)
    {
        if (KeyFiles.Count == 0)
        {
            place.Error(text);
        }
        else if (!KeyFiles.Exists(file => file.IsUnusable))
        {
            KeyFiles[^1].Reject(text);
        }
    }

    private bool SkipForKeyFile()
    {
        KeyFile? unusable = KeyFiles.Find(file => file.IsUnusable);
        unusable?.SaySkipped();
        return unusable is not null;
    }
}
