using Fwknop.Configuration.KeyGeneration;
using Fwknop.Native.FileSystem;
using Fwknop.Protocol;
using static Fwknop.Client.ExitStatus;

namespace Fwknop.Client;

/// <summary>New keys and saved stanzas (client.md 1, steps 5 to 7; 6.6; 9).</summary>
internal sealed class NewProfile(Settings settings, Messages messages, ClientEnvironment environment)
{
    private bool _oldKeysStay;
    private bool _isSaved;

    /// <returns>The exit status, or null when the run goes on.</returns>
    public int? Make(CommandLine line)
    {
        try
        {
            return MakeAndShow(line);
        }
        catch (OutputException) when (_isSaved)
        {
            messages.Error($"[*] Stanza [{TerminalText.Of(settings.StanzaName ?? settings.Destination!)}] is saved, but it could not be shown.");
            return Failure;
        }
    }

    private int? MakeAndShow(CommandLine line)
    {
        if (!settings.IsKeyGeneration)
        {
            return !settings.SaveStanza || TrySave(line, keys: null) ? null : Failure;
        }

        KeyGenerationOptions options = settings.KeyGeneration with { HmacType = settings.HmacDigest };
        string? problem = settings.SetupHost is null ? null : new FirstRun(settings, messages, environment).Prepare(line);
        using KeyPair? keys = problem is null ? KeyGenerator.Generate(options, Messages.Program, out problem) : null;
        if (keys is null && problem is not null && options.KeyLength > EncryptionKey.MaxLength)
        {
            problem += $"\n[*] --key-len: an encryption key has at most {EncryptionKey.MaxLength} bytes.";
        }

        if (keys is null)
        {
            return Fail(problem);
        }

        using SecretBuffer code = new();
        StagedFile? picture = null;
        problem = settings.Qr.IsWanted ? Stage(keys, code, out picture) : null;
        using (picture)
        {
            if (problem is null)
            {
                return TryPublish(line, keys, options, out problem) && Show(keys, code, picture) ? Success : Fail(problem);
            }
        }

        return Fail(problem);
    }

    private int Fail(string? problem)
    {
        if (problem is not null)
        {
            messages.Error(problem);
        }

        return Failure;
    }

    // The picture comes first: when it cannot be written, the new keys are nowhere.
    private string? Stage(KeyPair keys, SecretBuffer code, out StagedFile? picture)
    {
        QrHandoff handoff = new(settings, environment, messages);
        picture = null;
        return handoff.Prepare(keys.EncryptionKey, keys.HmacKey, code) ?? handoff.Stage(code, out picture);
    }

    // False when the run must end; the reason may have been printed.
    private bool TryPublish(CommandLine line, KeyPair keys, KeyGenerationOptions options, out string? problem)
    {
        // The file comes first: new keys that it cannot hold must not take the place of old ones in the rc file.
        List<byte> report = [];
        problem = options.File is null ? null : KeyGenerator.Publish(keys, options, text => report.AddRange(text), PrivateFile.Replace);
        if (problem is not null || (settings.SaveStanza && !TrySave(line, keys)))
        {
            return false;
        }

        // Keys that are in the rc file are not shown as well.
        messages.Raw(report.ToArray());
        bool isDone = options.File is not null || settings.SaveStanza || settings.Qr.OnlyCode;
        problem = isDone ? null : KeyGenerator.Publish(keys, options, messages.Raw, PrivateFile.Replace);
        return problem is null;
    }

    // What another machine needs to know of the new keys.
    private bool Show(KeyPair keys, SecretBuffer code, StagedFile? picture)
    {
        if (settings.SetupHost is not null)
        {
            new FirstRun(settings, messages, environment).Report(keys);
        }

        if (!settings.Qr.IsWanted)
        {
            return true;
        }

        if (_oldKeysStay)
        {
            messages.Error("[*] No code of the new keys: the old ones stayed.");
            return false;
        }

        return new QrHandoff(settings, environment, messages).Show(code, picture);
    }

    private bool TrySave(CommandLine line, KeyPair? keys)
    {
        if (keys is not null)
        {
            UseNewKeys(keys);
        }

        List<RcEntry> entries = SavedSettings.Of(line.Options.Select(given => given.Option), settings);
        try
        {
            bool isSaved = new StanzaSaver(messages, environment).TrySave(settings, entries, out IReadOnlySet<string> written, out string path);
            _isSaved = isSaved && keys is not null;
            if (_isSaved && settings.KeyGeneration.File is null)
            {
                _oldKeysStay = !written.IsSupersetOf(["KEY_BASE64", "HMAC_KEY_BASE64"]);
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
