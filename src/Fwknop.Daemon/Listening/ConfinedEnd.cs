namespace Fwknop.Daemon.Listening;

/// <summary>How a <see cref="ConfinedProcess"/> has ended.</summary>
/// <param name="Reason">For the log.</param>
/// <param name="Status">Its exit status, 128 and the number for a signal; null when it only closed its output.</param>
/// <param name="IsExplained">True when it has written why itself.</param>
internal sealed record ConfinedEnd(string Reason, int? Status, bool IsExplained);
