using Fwknop.Protocol;

namespace Fwknop.Configuration.Access;

/// <summary>How a stanza takes GPG packets (server.md 4.2, GPG_*). Owns the passphrase.</summary>
public sealed record GpgRules : IDisposable
{
    /// <summary>GPG_HOME_DIR of the stanza, or else of fwknopd.conf.</summary>
    public required string HomeDirectory { get; init; }

    /// <summary>GPG_EXE of the stanza, or else of fwknopd.conf; an absolute path.</summary>
    public required string Executable { get; init; }

    /// <summary>GPG_DECRYPT_ID: the key packets are encrypted to; null = any that the keyring has.</summary>
    public string? DecryptId { get; init; }

    /// <summary>GPG_DECRYPT_PW; null with GPG_ALLOW_NO_PW: the key has no passphrase.</summary>
    public StanzaSecret? Passphrase { get; init; }

    /// <summary>GPG_REQUIRE_SIG, GPG_DISABLE_SIG and GPG_IGNORE_SIG_VERIFY_ERROR.</summary>
    public required SignaturePolicy Signatures { get; init; }

    /// <summary>GPG_REMOTE_ID: 8, 16 or 40 upper-case hexadecimal digits each; empty = not looked at.</summary>
    public IReadOnlyList<string> RemoteIds { get; init; } = [];

    /// <summary>GPG_FINGERPRINT_ID: 40 upper-case hexadecimal digits each; empty = not looked at.</summary>
    public IReadOnlyList<string> Fingerprints { get; init; } = [];

    /// <summary>
    /// True when the key that signed, or its primary key, may sign by <see cref="RemoteIds"/> (server.md 13 Q29): an id is compared with all the digits it has.
    /// </summary>
    public bool AllowsId(OpenPgpSignature signature) =>
        RemoteIds.Count == 0 || RemoteIds.Any(id => KeysOf(signature).Any(key => key.EndsWith(id, StringComparison.Ordinal)));

    /// <summary>The same by <see cref="Fingerprints"/>. Where both lists are set, both must have the key.</summary>
    public bool AllowsFingerprint(OpenPgpSignature signature) => Fingerprints.Count == 0 || Fingerprints.Any(KeysOf(signature).Contains);

    /// <summary>Wipes the passphrase.</summary>
    public void Dispose() => Passphrase?.Dispose();

    private static IEnumerable<string> KeysOf(OpenPgpSignature signature) =>
        signature.PrimaryFingerprint is { } primary ? [signature.Fingerprint, primary] : [signature.Fingerprint];
}
