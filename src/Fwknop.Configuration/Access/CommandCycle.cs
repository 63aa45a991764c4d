namespace Fwknop.Configuration.Access;

/// <summary>
/// Commands in place of the firewall (server.md 8.2). Words as they stand in access.conf: variables in them are replaced per word, later, so
/// that no value of a packet becomes two words. The first word has none.
/// </summary>
/// <param name="Open">CMD_CYCLE_OPEN: the program and its arguments.</param>
/// <param name="Close">CMD_CYCLE_CLOSE; null = <c>NONE</c>.</param>
/// <param name="Timer">CMD_CYCLE_TIMER: seconds to the close command; 0 = not set, only with <c>NONE</c>.</param>
public sealed record CommandCycle(IReadOnlyList<string> Open, IReadOnlyList<string>? Close, int Timer)
{
    /// <summary>The most words of a command.</summary>
    public const int MaxWords = 28;
}
