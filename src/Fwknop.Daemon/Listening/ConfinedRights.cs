namespace Fwknop.Daemon.Listening;

/// <summary>What a <see cref="ConfinedProcess"/> may do.</summary>
/// <param name="Uid">Its user.</param>
/// <param name="Gid">Its only group.</param>
/// <param name="Capabilities">What it cannot do without, by setpriv's names.</param>
/// <param name="Mode">Arguments that say what it is for; none for the one that reads packets.</param>
internal sealed record ConfinedRights(uint Uid, uint Gid, IReadOnlyList<string> Capabilities, params IReadOnlyList<string> Mode);
