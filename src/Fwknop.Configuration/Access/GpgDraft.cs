using Fwknop.Configuration.Files;
using Fwknop.Protocol;

namespace Fwknop.Configuration.Access;

/// <summary>GPG_* of a stanza while its lines are read. Owns its copy of the passphrase.</summary>
internal sealed class GpgDraft : IDisposable
{
    private static readonly string[] Details = ["GPG_DECRYPT_ID", "GPG_REMOTE_ID", "GPG_FINGERPRINT_ID", "GPG_HOME_DIR", "GPG_EXE"];

    public string? HomeDirectory { get; set; }

    public string? Executable { get; set; }

    public string? DecryptId { get; set; }

    public DraftKey? Passphrase
    {
        get;
        set
        {
            field?.Dispose();
            field = value;
        }
    }

    public bool AllowsNoPassphrase { get; set; }

    public bool RequiresSignature { get; set; }

    public bool IgnoresSignature { get; set; }

    public bool IgnoresSignatureErrors { get; set; }

    public IReadOnlyList<string> RemoteIds { get; set; } = [];

    public IReadOnlyList<string> Fingerprints { get; set; } = [];

    /// <summary>True when the stanza takes GPG packets (server.md 4.4 step 1).</summary>
    public bool IsUsed => Passphrase is not null || AllowsNoPassphrase;

    /// <summary>True when signatures are wanted and nobody is named who may sign (server.md 4.4, after all files).</summary>
    public bool LacksSigners => IsUsed && ChecksSignature && RemoteIds.Count == 0 && Fingerprints.Count == 0;

    // GPG_REQUIRE_SIG N alone does not turn it off (server.md 4.2).
    private bool ChecksSignature => RequiresSignature || !IgnoresSignature;

    /// <summary>Says what is remarkable (server.md 4.4, after all files).</summary>
    /// <param name="stanza">By what messages name the stanza: source and number.</param>
    /// <param name="written">What the stanza sets.</param>
    /// <param name="place">Its SOURCE.</param>
    public void Remark((string SourceText, int Number) stanza, IReadOnlyDictionary<string, WrittenSetting> written, Place place)
    {
        if (!IsUsed && Details.Any(written.ContainsKey))
        {
            place.Info($"GPG settings have no effect without GPG_DECRYPT_PW or GPG_ALLOW_NO_PW Y in stanza source '{stanza.SourceText}'");
        }
        else if (IsUsed && !ChecksSignature)
        {
            place.Info(FormattableString.Invariant(
                $"Warning: GPG_REQUIRE_SIG should really be enabled for stanza source: '{stanza.SourceText}' (#{stanza.Number})"));
        }
        else if (IsUsed && RequiresSignature && IgnoresSignature)
        {
            place.Info(FormattableString.Invariant(
                $"Warning: GPG_REQUIRE_SIG and GPG_DISABLE_SIG are both set, will check sigs (stanza source: '{stanza.SourceText}' #{stanza.Number})"));
        }
    }

    public GpgRules? Make(AccessContext context) => !IsUsed ? null : new GpgRules
    {
        HomeDirectory = HomeDirectory ?? context.GpgHomeDirectory,
        Executable = Executable ?? context.GpgExecutable,
        DecryptId = DecryptId,
        Passphrase = Passphrase is null ? null : new StanzaSecret(Passphrase.Bytes),
        Signatures = new SignaturePolicy { IsRequired = ChecksSignature, IgnoresErrors = IgnoresSignatureErrors },
        RemoteIds = RemoteIds,
        Fingerprints = Fingerprints,
    };

    public void Dispose() => Passphrase?.Dispose();
}
