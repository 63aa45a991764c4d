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
    /// True when a key may sign by both lists (server.md 4.2, 13 Q29). An id is compared with all the digits it has.
    /// </summary>
    /// <param name="fingerprints">Those of the key that signed, and of its primary key where it is known: 40 upper-case digits.</param>
    public bool AllowsSigner(params IReadOnlyList<string> fingerprints)
    {
        bool hasId = RemoteIds.Count == 0
            || RemoteIds.Any(id => fingerprints.Any(fingerprint => fingerprint.EndsWith(id, StringComparison.Ordinal)));
        bool hasFingerprint = Fingerprints.Count == 0 || Fingerprints.Any(fingerprints.Contains);
        return hasId && hasFingerprint;
    }

    /// <summary>Wipes the passphrase.</summary>
    public void Dispose() => Passphrase?.Dispose();
}
