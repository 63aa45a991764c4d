namespace Fwknop.OpenPgp;

/// <summary>Which gpg is run, and how (client.md 10).</summary>
public sealed record GpgSettings
{
    /// <summary>Where gpg is unless the settings say otherwise.</summary>
    public const string DefaultExecutable = "/usr/bin/gpg";

    private readonly string _executable = DefaultExecutable;

    /// <summary>The program's absolute path; never started through a shell.</summary>
    /// <exception cref="ArgumentException">The path depends on the current folder.</exception>
    public string Executable
    {
        get => _executable;
        init => _executable = Path.IsPathFullyQualified(value)
            ? value
            : throw new ArgumentException("The path of gpg must be absolute.", nameof(value));
    }

    /// <summary>gpg's home directory; null for its own choice.</summary>
    public string? HomeDirectory { get; init; }

    /// <summary>True: gpg-agent knows the passphrase or asks for it. False: it is handed over.</summary>
    public bool UsesAgent { get; init; }

    /// <summary>The whole environment of gpg; see <see cref="GpgEnvironment"/>.</summary>
    public required IReadOnlyDictionary<string, string> Environment { get; init; }

    /// <summary>
    /// Called with the number of each process of gpg before that gets its input: what it is not to use more of. Returns why that cannot be, which ends it; or null.
    /// </summary>
    public Func<int, string?>? LimitProcess { get; init; }

    /// <summary>
    /// How long one run of gpg may take (our choice): with an agent long enough for a person to type a passphrase.
    /// </summary>
    public TimeSpan TimeLimit { get; init; } = TimeSpan.FromSeconds(30);
}
