using System.Security.Cryptography;
using System.Text;
using Fwknop.Configuration;
using Fwknop.Configuration.Files;
using Fwknop.Protocol;

namespace Fwknop.Client;

/// <summary>Gets both keys from where the settings say, in the order of client.md 8.1, and checks them (8.2).</summary>
/// <param name="settings">The merged settings.</param>
/// <param name="messages">What the user reads.</param>
/// <param name="environment">Where keys are asked for.</param>
/// <param name="gpg">In GPG mode, where the encryption key is the signing passphrase; else null.</param>
internal sealed class KeyReader(Settings settings, Messages messages, ClientEnvironment environment, GpgSession? gpg)
{
    private const int Base64KeyMax = 127;

    private readonly IKeyPrompt _prompt = environment.Prompt(settings.KeyDescriptor);

    /// <returns>Null when the run must end; the reason has been printed.</returns>
    public PacketKeys? Read()
    {
        string question = gpg is null ? "Enter encryption key: " : "Enter passphrase for signing: ";
        using SecretBytes? encryption = Find(settings.Key, question, isHmac: false, out _);
        if (encryption is null)
        {
            return null;
        }

        bool useHmac = settings.Hmac.IsOn;
        using SecretBytes? hmac = useHmac ? Find(settings.HmacKey, "Enter HMAC key: ", isHmac: true, out useHmac) : null;
        if (useHmac && hmac is null)
        {
            return null;
        }

        return AreUsable(encryption, hmac) ? Make(encryption, hmac) : null;
    }

    private SecretBytes? Find(KeySources? sources, string question, bool isHmac, out bool isWanted)
    {
        isWanted = true;
        return sources switch
        {
            { Raw: { } raw } => SecretBytes.CopyOf(raw.Span),
            { Base64: { } base64 } => Decode(base64, isHmac),
            { File: { } path } => FromFile(sources, path, question, isHmac, out isWanted),
            { Command: { } command } => FromCommand(command, isHmac),
            _ when gpg is not null && !isHmac => FromAgentOrUser(question),
            _ => Ask(question, isHmac),
        };
    }

    // client.md 8.1, line 4, and 8.5.
    private SecretBytes? FromAgentOrUser(string question)
    {
        if (settings.UseGpgAgent || settings.GpgNoSigningPassphrase)
        {
            messages.Normal(settings.UseGpgAgent
                ? "[+] GPG mode set, signing passphrase acquired via gpg-agent"
                : "[+] GPG mode set, signing passphrase not required");
            return SecretBytes.CopyOf([]);
        }

        return settings.GpgSigner is null ? SecretBytes.CopyOf([]) : Ask(question, isHmac: false);
    }

    private SecretBytes? Decode(SecretBytes base64, bool isHmac)
    {
        byte[] buffer = GC.AllocateUninitializedArray<byte>(base64.Length, pinned: true);
        try
        {
            if (!SpaBase64.TryDecodeLenient(base64.Span, buffer, out int length))
            {
                length = 0;
            }

            if (isHmac ? length > Limits.HmacKeyProgramBytes : length is 0 or > Base64KeyMax)
            {
                messages.Error(isHmac
                    ? $"[*] Invalid decoded key length: '{length}', must be in [0,{Limits.HmacKeyProgramBytes}]"
                    : $"[*] Invalid key length: '{length}', must be in [1,{Base64KeyMax + 1}]");
                return null;
            }

            return SecretBytes.CopyOf(buffer.AsSpan(0, length));
        }
        finally
        {
            CryptographicOperations.ZeroMemory(buffer);
        }
    }

    private SecretBytes? FromFile(KeySources sources, string path, string question, bool isHmac, out bool isWanted)
    {
        isWanted = true;
        SecretBuffer content;
        try
        {
            using InspectedFile file = environment.Platform.Open(path);
            content = file.ReadAll();
        }
        catch (Exception e) when (FileError.IsFileError(e))
        {
            return Missing(sources, path, FileError.Reason(e, path), question, isHmac, out isWanted);
        }

        using (content)
        {
            string destination = settings.Destination ?? string.Empty;
            ReadOnlySpan<byte> key = KeyFile.Find(content.Span, Encoding.UTF8.GetBytes(destination));
            if (key.IsEmpty)
            {
                messages.Error($"Could not get key for IP: {destination} from: {path}");
                return null;
            }

            return SecretBytes.CopyOf(key);
        }
    }

    private SecretBytes? FromCommand(string command, bool isHmac)
    {
        // The other key may stand in our standard input.
        bool sharesInput = !settings.LendsStreams && settings.KeyDescriptor != 0;
        KeyCommand program = new(isHmac ? "HMAC_KEY" : "KEY", command, environment.Platform, sharesInput);
        using SecretBuffer? output = program.Run(environment.Variable("PATH"), out string problem);
        if (output is null)
        {
            messages.Error($"[*] {problem} No SPA packet sent.");
            return null;
        }

        using SecretBytes key = SecretBytes.CopyOf(program.Find(output, out bool isBase64));
        return isBase64 ? Decode(key, isHmac) : SecretBytes.CopyOf(key.Span);
    }

    // client.md 8.1 and 15.3: a key file of the command line gives way to a key of the rc file; an HMAC key file of the rc file may
    // be missing in a test run, which sends nothing.
    private SecretBytes? Missing(KeySources sources, string path, string reason, string question, bool isHmac, out bool isWanted)
    {
        isWanted = true;
        bool hasFallback = sources is { Level: Level.CommandLine, Lower: { } lower } && (lower.Raw ?? lower.Base64) is not null;
        if (hasFallback)
        {
            messages.Warning($"[-] WARNING: Could not open config file: {path}; using the key of the rc file.");
            return Find(sources.Lower, question, isHmac, out isWanted);
        }

        if (isHmac && settings.IsTest && sources.Level < Level.CommandLine)
        {
            messages.Warning($"[-] WARNING: Could not open config file: {path}; test mode goes on without HMAC.");
            isWanted = false;
            return null;
        }

        messages.Error($"Could not open config file: {path}");
        messages.Error($"[*] {reason}.");
        return null;
    }

    private SecretBytes? Ask(string question, bool isHmac)
    {
        using SecretLine line = new();
        PromptResult result = _prompt.Ask(question, line);
        if (result == PromptResult.Answered)
        {
            return SecretBytes.CopyOf(line.Span);
        }

        if (result == PromptResult.BadDescriptor)
        {
            messages.Error("getpasswd() - Unable to create a stream from the file descriptor : Bad file descriptor");
        }

        messages.Error(result == PromptResult.Interrupted ? "[*] Interrupted, no SPA packet sent." : "[*] getpasswd() key error.");
        if (result == PromptResult.NoTerminal)
        {
            string keyword = isHmac ? "HMAC_KEY" : "KEY";
            messages.Error(gpg is not null && !isHmac
                ? "[*] There is no terminal to ask for the passphrase: put GPG_SIGNING_PW_BASE64 into the rc file, or use --gpg-agent, --stdin or --fd."
                : $"[*] There is no terminal to ask for the key: put {keyword}_BASE64 or {keyword}_CMD into the rc file, or use --stdin or --fd.");
        }

        return null;
    }

    private bool AreUsable(SecretBytes encryption, SecretBytes? hmac)
    {
        // Keys of GPG need no passphrase.
        bool isOptional = gpg is not null && encryption.Length == 0;
        if (hmac is not null && !isOptional && CryptographicOperations.FixedTimeEquals(encryption.Span, hmac.Span))
        {
            messages.Error("[*] The encryption passphrase and HMAC key should not be identical, no SPA packet sent. Exiting.");
            return false;
        }

        return (isOptional || IsFilled(encryption, "encryption")) && (hmac is null || IsFilled(hmac, "HMAC"));
    }

    private bool IsFilled(SecretBytes key, string name)
    {
        if (key.Length > 0)
        {
            return true;
        }

        if (settings.IsTest)
        {
            messages.Warning($"[-] WARNING: The {name} key is empty; such a packet would not be sent.");
            return true;
        }

        messages.Error($"[*] The {name} key is empty, no SPA packet sent. Exiting.");
        return false;
    }

    private PacketKeys? Make(SecretBytes encryption, SecretBytes? hmac)
    {
        if (!TryMakeHmacKey(hmac, out HmacKey? hmacKey))
        {
            return null;
        }

        if (gpg is not null)
        {
            return new PacketKeys(gpg.Open(encryption.Span), hmacKey, settings.HmacDigest);
        }

        ReadOnlySpan<byte> bytes = encryption.Span;
        if (settings.Mode == EncryptionMode.Legacy && bytes.Length > Limits.LegacyKeyBytes)
        {
            messages.Warning($"WARNING: Encryption key in '-M legacy' mode must be <= {Limits.LegacyKeyBytes} bytes");
            messages.Warning("long - truncating before sending SPA packet. Upgrading remote");
            messages.Warning("fwknopd is recommended.");
            bytes = bytes[..Limits.LegacyKeyBytes];
        }

        if (EncryptionKey.TryFromBytes(bytes, out EncryptionKey? key))
        {
            return new PacketKeys(key, hmacKey, settings.HmacDigest, settings.Mode);
        }

        hmacKey?.Dispose();
        messages.Error(LibraryError.Text(Messages.Program, "fko_spa_data_final", Rejection.InvalidKeyLength));
        messages.Error($"[*] An encryption key has at most {Limits.EncryptionKeyBytes} bytes; 'fwknop --key-gen' makes good ones in base64.");
        return null;
    }

    private bool TryMakeHmacKey(SecretBytes? hmac, out HmacKey? key)
    {
        key = null;
        if (hmac is null)
        {
            return true;
        }

        // HMAC pads keys with zero bytes, so this one gives what the reference makes with an empty key. Only in test mode.
        ReadOnlySpan<byte> bytes = hmac.Length == 0 ? [0] : hmac.Span;
        if (bytes.Length > Limits.HmacKeyProgramBytes)
        {
            messages.Error(LibraryError.Text(Messages.Program, "fko_spa_data_final", Rejection.InvalidHmacKeyLength));
            return false;
        }

        key = HmacKey.FromBytes(bytes);
        return true;
    }
}
