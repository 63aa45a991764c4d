using Fwknop.Configuration.KeyGeneration;
using Fwknop.Native.FileSystem;
using Fwknop.Protocol;
using static Fwknop.Client.ExitStatus;

namespace Fwknop.Client;

/// <summary>
/// New keys and where they go: the rc file, a key file, the terminal, a code for another device (client.md 1, steps 5 to 7; 9).
/// </summary>
internal sealed class NewProfile(Settings settings, Messages messages, ClientEnvironment environment)
{
    private readonly ProfileSaver _saver = new(settings, messages, environment);
    private readonly QrHandoff _qr = new(settings, environment, messages);

    private KeyGenerationOptions Options => settings.KeyGeneration with { HmacType = settings.HmacDigest };

    /// <returns>The exit status.</returns>
    public int Make(CommandLine line)
    {
        try
        {
            if (TryMake(line, out string? problem))
            {
                return Success;
            }

            if (problem is not null)
            {
                messages.Error(problem);
            }
        }
        catch (OutputException) when (_saver.HasSavedKeys)
        {
            messages.Error($"[*] Stanza [{TerminalText.Of(settings.StanzaName ?? settings.Destination!)}] is saved, but it could not be shown.");
        }

        return Failure;
    }

    // When false, the reason is the problem or has been printed; so below.
    private bool TryMake(CommandLine line, out string? problem)
    {
        using KeyPair? keys = Generate(line, out problem);
        if (keys is null)
        {
            return false;
        }

        // The picture comes first: when it cannot be written, the new keys are nowhere.
        using SecretBuffer code = new();
        StagedFile? picture = null;
        problem = settings.Qr.IsWanted ? Stage(keys, code, out picture) : null;
        using (picture)
        {
            return problem is null && TryPublish(line, keys, out problem) && TryShow(keys, code, picture);
        }
    }

    private KeyPair? Generate(CommandLine line, out string? problem)
    {
        problem = settings.SetupHost is null ? null : new ServerSetup(settings, messages, environment).Prepare(line);
        KeyPair? keys = problem is null ? KeyGenerator.Generate(Options, Messages.Program, out problem) : null;
        if (problem is not null && Options.KeyLength > EncryptionKey.MaxLength)
        {
            problem += $"\n[*] --key-len: an encryption key has at most {EncryptionKey.MaxLength} bytes.";
        }

        return keys;
    }

    private string? Stage(KeyPair keys, SecretBuffer code, out StagedFile? picture)
    {
        picture = null;
        return _qr.Prepare(keys.EncryptionKey, keys.HmacKey, code) ?? _qr.Stage(code, out picture);
    }

    private bool TryPublish(CommandLine line, KeyPair keys, out string? problem)
    {
        // The file comes first: new keys that it cannot hold must not take the place of old ones in the rc file.
        List<byte> report = [];
        problem = Options.File is null ? null : KeyGenerator.Publish(keys, Options, text => report.AddRange(text), PrivateFile.Replace);
        if (problem is not null || (settings.SaveStanza && !_saver.TrySave(line, keys)))
        {
            return false;
        }

        // Keys that are in the rc file are not shown as well.
        messages.Raw(report.ToArray());
        bool isDone = Options.File is not null || settings.SaveStanza || settings.Qr.OnlyCode;
        problem = isDone ? null : KeyGenerator.Publish(keys, Options, messages.Raw, PrivateFile.Replace);
        return problem is null;
    }

    // What another machine needs to know of the new keys.
    private bool TryShow(KeyPair keys, SecretBuffer code, StagedFile? picture)
    {
        if (settings.SetupHost is not null)
        {
            new ServerSetup(settings, messages, environment).Report(keys);
        }

        if (!settings.Qr.IsWanted)
        {
            return true;
        }

        if (_saver.OldKeysStay)
        {
            messages.Error("[*] No code of the new keys: the old ones stayed.");
            return false;
        }

        return _qr.Show(code, picture);
    }
}
