namespace Fwknop.Client;

/// <summary>What a line of an rc file is.</summary>
internal enum RcLineKind
{
    /// <summary>Nothing or a comment.</summary>
    Blank,

    /// <summary><c>[name]</c>.</summary>
    Header,

    /// <summary>A keyword and its value.</summary>
    Parameter,

    /// <summary>A keyword without value, or anything else.</summary>
    Incomplete,
}
