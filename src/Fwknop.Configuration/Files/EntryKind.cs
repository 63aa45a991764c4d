namespace Fwknop.Configuration.Files;

/// <summary>What a line of a configuration file is.</summary>
internal enum EntryKind
{
    /// <summary>Empty or a comment.</summary>
    Nothing,

    /// <summary>A name and a value.</summary>
    Setting,

    /// <summary>Only blanks, or one word.</summary>
    Malformed,

    /// <summary>Holds a byte that no text file has: NUL, or a carriage return in the middle.</summary>
    Binary,
}
