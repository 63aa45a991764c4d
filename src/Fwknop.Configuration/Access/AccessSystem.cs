using Fwknop.Configuration.Files;

namespace Fwknop.Configuration.Access;

/// <summary>
/// What reading access.conf asks of the operating system. Supplied by the programs, because it needs native calls. Without it owners are not
/// checked, no account is known and no key file is read.
/// </summary>
public sealed record AccessSystem
{
    /// <summary>Asks about a file.</summary>
    public FileProbe? Probe { get; init; }

    /// <summary>Opens key files.</summary>
    public KeyFileOpener? OpenKeyFile { get; init; }

    /// <summary>Looks a user up; null = there is none. Throws <see cref="IOException"/> when the database cannot be asked.</summary>
    public Func<string, CommandUser?> FindUser { get; init; } = _ => null;

    /// <summary>Looks a group up in the same way.</summary>
    public Func<string, CommandGroup?> FindGroup { get; init; } = _ => null;
}
