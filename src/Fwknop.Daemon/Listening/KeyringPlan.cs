using System.Globalization;
using Fwknop.Configuration.Access;
using Fwknop.Configuration.Server;
using Fwknop.Daemon.Lifecycle;
using Fwknop.Daemon.Logging;
using Fwknop.Grants;
using Fwknop.Native.FileSystem;
using Fwknop.Native.Libc;

namespace Fwknop.Daemon.Listening;

/// <summary>The keyrings of one user, which one decryptor opens: gpg runs as the user whom its home directory belongs to.</summary>
/// <param name="uid">The user.</param>
/// <param name="gid">The user's group.</param>
internal sealed class KeyringPlan(uint uid, uint gid) : IDisposable
{
    private const UnixFileMode OwnerChanges = UnixFileMode.UserWrite | UnixFileMode.UserExecute;

    private readonly List<Keyring> _keyrings = [];
    private readonly Dictionary<int, ushort> _places = [];

    public uint Uid => uid;

    public uint Gid => gid;

    /// <summary>With passphrases of their own, apart from those of the stanzas.</summary>
    public IReadOnlyList<Keyring> Keyrings => _keyrings;

    /// <summary>Stanza number to place in <see cref="Keyrings"/>.</summary>
    public IReadOnlyDictionary<int, ushort> Places => _places;

    /// <summary>One plan for each user; none when no stanza takes OpenPGP packets.</summary>
    /// <param name="policy">The stanzas.</param>
    /// <param name="config">Whether the listener is another user than fwknopd.</param>
    /// <param name="listener">Which; a keyring must not be that user's.</param>
    /// <param name="log">The log.</param>
    /// <exception cref="StartupException">A home directory or a gpg is not there, or the listener could read the keys.</exception>
    public static IReadOnlyList<KeyringPlan> Make(AccessPolicy policy, ServerConfig config, ListenerIdentity listener, DaemonLog log)
    {
        List<KeyringPlan> plans = [];
        uint? reader = config.SeparatesPrivileges && Environment.IsPrivilegedProcess ? listener.Uid : null;
        try
        {
            foreach (AccessStanza stanza in policy.Stanzas)
            {
                if (stanza.Gpg is { } rules)
                {
                    FileOwnership home = Check(stanza, rules, reader, log);
                    KeyringPlan? plan = plans.Find(known => known.Uid == home.UserId);
                    if (plan is null)
                    {
                        plan = new KeyringPlan(home.UserId, Accounts.FindUser(home.UserId)?.Gid ?? home.GroupId);
                        plans.Add(plan);
                    }

                    plan.Add(stanza.Number, rules);
                }
            }

            return plans;
        }
        catch
        {
            plans.ForEach(plan => plan.Dispose());
            throw;
        }
    }

    public void Dispose() => _keyrings.ForEach(keyring => keyring.Dispose());

    private static FileOwnership Check(AccessStanza stanza, GpgRules rules, uint? reader, DaemonLog log)
    {
        string who = $"stanza #{stanza.Number}, {stanza.File}:{stanza.Line}";
        if (!Directory.Exists(rules.HomeDirectory) || !FileOwnership.TryGet(rules.HomeDirectory, out FileOwnership home, out _))
        {
            throw new StartupException(
                $"[*] GPG_HOME_DIR '{rules.HomeDirectory}' ({who}) is not a directory that is there: make a keyring in it, or name another");
        }

        if (!File.Exists(rules.Executable))
        {
            throw new StartupException($"[*] GPG_EXE '{rules.Executable}' ({who}) is not there: install gnupg, or name another");
        }

        if (home.UserId == reader)
        {
            throw new StartupException(
                $"[*] GPG_HOME_DIR '{rules.HomeDirectory}' ({who}) belongs to the user of fwknopd-listener, which reads packets and could read its secret keys: "
                + "give it to a user of its own, or set LISTENER_USER");
        }

        if (home.IsWritableByOthers)
        {
            log.Warning($"Warning: GPG_HOME_DIR '{rules.HomeDirectory}' ({who}) can be written by others, who can add keys that are trusted");
        }

        if (WhyWithoutAgent(rules.HomeDirectory, home) is { } problem)
        {
            log.Warning(
                $"Warning: GPG_HOME_DIR '{rules.HomeDirectory}' ({who}): {problem}; gpg-agent has its socket there, and where none works already gpg finds 'No secret key'. "
                + "Let its owner write to it (chmod, or ReadWritePaths of the service unit)");
        }

        if (home.UserId == 0 && Environment.IsPrivilegedProcess)
        {
            log.Warning($"Warning: GPG_HOME_DIR '{rules.HomeDirectory}' ({who}) belongs to root: gpg runs as root, though without capabilities. Give it a user of its own");
        }

        if (stanza.Keys.HmacKey is null)
        {
            log.Warning($"Warning: GPG packets without HMAC_KEY ({who}): anybody can make gpg work, and so hold up such packets");
        }

        return home;
    }

    /// <summary>Why gpg-agent cannot make its socket; null when it can, as far as the daemon can tell. The decryptor has no capabilities, also as root.</summary>
    private static string? WhyWithoutAgent(string homeDirectory, FileOwnership home)
    {
        // gpgconf(1), --create-socketdir: where there is such a folder it is taken.
        string session = string.Create(CultureInfo.InvariantCulture, $"/run/user/{home.UserId}");
        bool hasSession = FileOwnership.TryGet(session, out FileOwnership found, out _) && found.UserId == home.UserId;
        (string folder, FileOwnership owner) = hasSession ? (session, found) : (homeDirectory, home);
        return FileOwnership.IsMountedReadOnly(folder) ? $"{folder} is mounted read-only"
            : (owner.Mode & OwnerChanges) != OwnerChanges ? $"{folder} cannot be written by its owner (user id {owner.UserId})"
            : null;
    }

    private void Add(int stanza, GpgRules rules)
    {
        int index = _keyrings.FindIndex(known =>
            (known.HomeDirectory, known.Executable, known.DecryptId) == (rules.HomeDirectory, rules.Executable, rules.DecryptId)
            && StanzaSecret.AreSame(known.Passphrase, rules.Passphrase));
        if (index < 0)
        {
            index = _keyrings.Count;
            _keyrings.Add(new Keyring(rules.HomeDirectory, rules.Executable, rules.DecryptId, rules.Passphrase?.Copy()));
        }

        _places.Add(stanza, checked((ushort)index));
    }
}
