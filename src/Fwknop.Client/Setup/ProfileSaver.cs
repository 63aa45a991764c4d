using Fwknop.Configuration.KeyGeneration;

namespace Fwknop.Client;

/// <summary>Saves the given options as a stanza of the rc file, with new keys if there are any (client.md 6.4 to 6.6).</summary>
internal sealed class ProfileSaver(Settings settings, Messages messages, ClientEnvironment environment)
{
    /// <summary>A stanza was saved for new keys.</summary>
    public bool HasSavedKeys { get; private set; }

    /// <summary>The stanza kept one of its old keys at least: the user wanted it so.</summary>
    public bool OldKeysStay { get; private set; }

    /// <param name="line">What is given on it is saved.</param>
    /// <param name="keys">New keys, or null to save the ones in the settings.</param>
    /// <returns>False when nothing was saved; the reason has been printed.</returns>
    public bool TrySave(CommandLine line, KeyPair? keys)
    {
        if (keys is not null)
        {
            UseNewKeys(keys);
        }

        List<RcEntry> entries = SavedSettings.Of(line.Options.Select(given => given.Option), settings);
        try
        {
            bool isSaved = new StanzaSaver(messages, environment).TrySave(settings, entries, out IReadOnlySet<string> written, out string path);
            HasSavedKeys = isSaved && keys is not null;
            if (HasSavedKeys && settings.KeyGeneration.File is null)
            {
                OldKeysStay = !written.IsSupersetOf(["KEY_BASE64", "HMAC_KEY_BASE64"]);
                ReportKeys(written, path);
            }

            return isSaved;
        }
        finally
        {
            entries.ForEach(entry => entry.Dispose());
        }
    }

    // The new keys alone: another kind of key in the same stanza would come before them.
    private void UseNewKeys(KeyPair keys)
    {
        settings.Key?.Dispose();
        settings.HmacKey?.Dispose();
        settings.Key = KeySources.WithNewKey(keys.EncryptionKey);
        settings.HmacKey = KeySources.WithNewKey(keys.HmacKey);
    }

    private void ReportKeys(IReadOnlySet<string> written, string path)
    {
        bool hasKey = written.Contains("KEY_BASE64");
        bool hasHmacKey = written.Contains("HMAC_KEY_BASE64");
        if (hasKey || hasHmacKey)
        {
            string which = hasKey && hasHmacKey ? "Rijndael and HMAC keys" : hasKey ? "Rijndael key" : "HMAC key";
            messages.Normal($"[+] Wrote {which} to rc file: {path}");
        }

        if (!hasKey || !hasHmacKey)
        {
            string which = !hasKey && !hasHmacKey ? "Rijndael and HMAC keys" : hasKey ? "HMAC key" : "Rijndael key";
            messages.Normal($"[*] The old {which} stayed in rc file: {path}");
        }
    }
}
