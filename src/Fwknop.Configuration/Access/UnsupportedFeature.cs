namespace Fwknop.Configuration.Access;

/// <summary>Something that access.conf can ask for and the daemon cannot do yet.</summary>
/// <param name="Keyword">The variable that turns it on, which the message names.</param>
/// <param name="IsUsedBy">True for a stanza that asks for it.</param>
internal sealed record UnsupportedFeature(string Keyword, Func<AccessStanza, bool> IsUsedBy);
