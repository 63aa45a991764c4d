using Fwknop.Configuration.Access;

namespace Fwknop.Grants;

/// <summary>What a decryptor needs to open the packets of one or more stanzas. Owns its copy of the passphrase.</summary>
/// <param name="HomeDirectory">GPG_HOME_DIR.</param>
/// <param name="Executable">GPG_EXE; an absolute path.</param>
/// <param name="DecryptId">GPG_DECRYPT_ID; null = any key of the keyring.</param>
/// <param name="Passphrase">GPG_DECRYPT_PW; null = the key has none.</param>
public sealed record Keyring(string HomeDirectory, string Executable, string? DecryptId, StanzaSecret? Passphrase) : IDisposable
{
    /// <summary>Wipes the passphrase.</summary>
    public void Dispose() => Passphrase?.Dispose();
}
