namespace Fwknop.Client;

/// <summary>Stores a value; the level it belongs to is <see cref="Settings.Level"/>.</summary>
/// <param name="settings">What is filled.</param>
/// <param name="value">The bytes as written; empty for an option without argument.</param>
internal delegate SetResult OptionSetter(Settings settings, ReadOnlySpan<byte> value);

/// <summary>
/// One row of <see cref="ClientOptions.Table"/>: an option of the command line, a keyword of the rc file, or both
/// (client.md 4, 6.5). Parsing, the keyword table and the help come from it.
/// </summary>
internal sealed record ClientOption
{
    /// <summary>The letter after a single dash, or null.</summary>
    public char? Letter { get; init; }

    /// <summary>The long names, main name first; empty for what only an rc file can say.</summary>
    public string[] Names { get; init; } = [];

    /// <summary>What the help calls the argument; null when there is none.</summary>
    public string? Argument { get; init; }

    /// <summary>Only <c>--name=value</c> and a number after the name give a value; it is empty otherwise.</summary>
    public bool IsArgumentOptional { get; init; }

    /// <summary>The argument is the first word of a command; all words after it belong to the command.</summary>
    public bool TakesRest { get; init; }

    /// <summary>Ours; a prefix that means an option of the reference goes on meaning it (client.md 3).</summary>
    public bool GivesWay { get; init; }

    public string Help { get; init; } = string.Empty;

    /// <summary>The possible arguments, in their usual spelling; empty when there is no such list.</summary>
    public IReadOnlyList<string> Values { get; init; } = [];

    public OptionSetter? Set { get; init; }

    /// <summary>The rc keyword, or null.</summary>
    public string? Keyword { get; init; }

    public OptionSetter? SetFromRc { get; init; }

    /// <summary>What --save-rc-stanza writes for <see cref="Keyword"/>; null when it is never written.</summary>
    public SavedValue? Saved { get; init; }

    /// <summary>Keywords that --save-rc-stanza writes when the option is given, besides <see cref="Keyword"/>: what it turns on.</summary>
    public string[] AlsoSaves { get; init; } = [];

    /// <summary>Acts before the rc file is read (client.md 1, step 1).</summary>
    public bool IsEarly { get; init; }

    /// <summary>The value must not be printed.</summary>
    public bool IsSecret { get; init; }

    /// <summary>How messages name the option.</summary>
    public string DisplayName => Names.Length == 0 ? Keyword! : $"--{Names[0]}";
}
