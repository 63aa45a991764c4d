namespace Fwknop.Client;

/// <summary>What a shell offers as the argument of an option.</summary>
internal enum ArgumentKind
{
    /// <summary>The option takes none.</summary>
    None,

    /// <summary>Nothing can be offered.</summary>
    Text,

    /// <summary>One of <see cref="ClientOption.Values"/>.</summary>
    Value,
    File,
    Directory,
    Host,
    Command,

    /// <summary>A stanza of the rc file.</summary>
    Stanza,
}
