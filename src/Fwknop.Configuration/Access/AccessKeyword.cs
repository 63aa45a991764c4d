using Fwknop.Configuration.Files;

namespace Fwknop.Configuration.Access;

/// <summary>One row of the table of access.conf variables.</summary>
/// <param name="Name">The variable.</param>
/// <param name="Set">Checks the value and stores it in the stanza.</param>
internal sealed record AccessKeyword(string Name, AccessKeyword.Setter Set)
{
    /// <summary>The value comes as bytes, for it may be a key.</summary>
    public delegate void Setter(StanzaDraft stanza, ReadOnlySpan<byte> value, Place place);

    /// <summary>True for the only variables that a key file may set (server.md 4.1).</summary>
    public bool IsForKeyFiles { get; init; }

    /// <summary>True when the value is a secret.</summary>
    public bool IsSecret { get; init; }
}
