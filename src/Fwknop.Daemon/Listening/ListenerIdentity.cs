using System.Globalization;
using Fwknop.Daemon.Lifecycle;
using Fwknop.Native.Libc;

namespace Fwknop.Daemon.Listening;

/// <summary>
/// The user the listener runs as: LISTENER_USER, else the account <c>fwknop</c>, else a user id that nobody has, so that the process that
/// reads hostile bytes shares its user with nothing.
/// </summary>
/// <param name="Uid">Not 0.</param>
/// <param name="Gid">Not 0.</param>
internal sealed record ListenerIdentity(uint Uid, uint Gid)
{
    private const string DefaultAccount = "fwknop";

    // Of the range in which systemd gives out users of the moment (61184 to 65519), by the same rule: no account, no process.
    private const uint FirstFree = 62201;
    private const uint LastFree = 62400;

    /// <summary>Finds it.</summary>
    /// <param name="configured">LISTENER_USER, or null.</param>
    /// <exception cref="StartupException">The account does not exist or is root.</exception>
    public static ListenerIdentity Find(string? configured)
    {
        UserAccount? account = Accounts.FindUser(configured ?? DefaultAccount);
        if (account is { Uid: not 0, Gid: not 0 })
        {
            return new ListenerIdentity(account.Uid, account.Gid);
        }

        return account is not null ? throw new StartupException($"[*] LISTENER_USER '{account.Name}' must not be root")
            : configured is not null ? throw new StartupException($"[*] LISTENER_USER '{configured}' is not a user on this system")
            : FindFree();
    }

    private static ListenerIdentity FindFree()
    {
        HashSet<uint> running = UsersOfProcesses();
        for (uint id = FirstFree; id <= LastFree; id++)
        {
            if (!running.Contains(id) && Accounts.FindUser(id) is null)
            {
                return new ListenerIdentity(id, id);
            }
        }

        throw new StartupException($"[*] No unused user id from {FirstFree} to {LastFree} for fwknopd-listener: set LISTENER_USER");
    }

    private static HashSet<uint> UsersOfProcesses()
    {
        HashSet<uint> users = [];
        foreach (string folder in Directory.EnumerateDirectories("/proc", "*").Where(path => char.IsAsciiDigit(path[^1])))
        {
            try
            {
                string line = File.ReadLines(Path.Combine(folder, "status")).First(text => text.StartsWith("Uid:", StringComparison.Ordinal));
                foreach (string id in line[4..].Split((char[])['\t', ' '], StringSplitOptions.RemoveEmptyEntries))
                {
                    users.Add(uint.Parse(id, CultureInfo.InvariantCulture));
                }
            }
            catch (Exception error) when (error is IOException or InvalidOperationException)
            {
                // The process has ended meanwhile.
            }
        }

        return users;
    }
}
