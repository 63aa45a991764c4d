using Fwknop.Grants;
using Fwknop.Native.Libc;
using Fwknop.OpenPgp;
using Fwknop.Protocol;

namespace Fwknop.Listener.DecryptorProcess;

/// <summary>The keyrings of this decryptor, each opened by its own gpg (protocol.md 5.3, server.md 6 step 12).</summary>
internal sealed class GpgKeyrings : IDisposable
{
    /// <summary>Our choice: gpg takes a fraction of a second; one that hangs holds up all other OpenPGP packets.</summary>
    private static readonly TimeSpan TimeLimit = TimeSpan.FromSeconds(10);

    /// <summary>Our choice: far more than gpg needs for a message of a packet. What it starts itself may use as much.</summary>
    private static readonly ResourceLimits Limits = new() { CpuSeconds = 5, MemoryBytes = 512 << 20, FileBytes = 64 << 20 };

    private static readonly IReadOnlyDictionary<string, string> Variables = GpgEnvironment.From(Environment.GetEnvironmentVariable, usesAgent: false);

    private readonly GpgAgents _agents = new(Variables);
    private readonly List<(Keyring Keyring, GpgSettings Settings, GpgOpenPgp OpenPgp)> _keyrings;

    /// <summary>Takes the passphrases over; those of the setup are wiped.</summary>
    public GpgKeyrings(DecryptorSetup setup)
    {
        _keyrings = [.. setup.Keyrings.Select(Open)];
    }

    /// <summary>What will not work, for the log.</summary>
    public IEnumerable<string> FindFaults()
    {
        foreach ((Keyring keyring, GpgSettings settings, _) in _keyrings)
        {
            _agents.Ensure(keyring.HomeDirectory, keyring.Executable);
            if (keyring.DecryptId is { } id && !new GpgKeyring(settings).TryFindSigner(id, out _, out _, out string errorText))
            {
                yield return $"GPG_DECRYPT_ID '{id}': {errorText} in {keyring.HomeDirectory}";
            }
        }
    }

    /// <summary>Decrypts.</summary>
    /// <returns>Null for a keyring that there is none of.</returns>
    public DecryptionAnswer? Answer(DecryptionQuestion question)
    {
        if (question.Keyring >= _keyrings.Count)
        {
            return null;
        }

        (Keyring keyring, _, GpgOpenPgp openPgp) = _keyrings[question.Keyring];
        _agents.Ensure(keyring.HomeDirectory, keyring.Executable);
        return openPgp.TryDecrypt(question.Message, out DecryptedMessage? decrypted, out Rejection why)
            ? new DecryptionAnswer(Rejection.None, "", decrypted)
            : new DecryptionAnswer(why, openPgp.Last.ErrorText, null);
    }

    public void Dispose()
    {
        _keyrings.ForEach(keyring => keyring.OpenPgp.Dispose());
        _agents.Dispose();
    }

    private static string? Limit(int process) => Limits.TryApply(process, out Errno error) ? null : error.Text;

    private static (Keyring Keyring, GpgSettings Settings, GpgOpenPgp OpenPgp) Open(Keyring keyring)
    {
        GpgSettings settings = new()
        {
            Executable = keyring.Executable,
            HomeDirectory = keyring.HomeDirectory,
            Environment = Variables,
            TimeLimit = TimeLimit,
            LimitProcess = Limit,
        };
        Span<byte> bytes = stackalloc byte[keyring.Passphrase?.Length ?? 0];
        keyring.Passphrase?.CopyTo(bytes);
        GpgPassphrase passphrase = new(bytes);
        bytes.Clear();
        keyring.Dispose();
        OpenPgpNames names = new(keyring.DecryptId, null, keyring.HomeDirectory, keyring.Executable);
        return (keyring, settings, new GpgOpenPgp(settings, names, recipient: null, signer: null, passphrase));
    }
}
