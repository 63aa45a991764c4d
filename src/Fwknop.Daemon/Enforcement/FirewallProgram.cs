using System.Globalization;
using Fwknop.Daemon.Programs;

namespace Fwknop.Daemon.Enforcement;

/// <summary>Runs programs that change or list rules, and tells of each with <c>-vv</c> (server.md 1.2 and 8.0).</summary>
internal static class FirewallProgram
{
    /// <summary>Our choice: a batch of so many rules is told whole.</summary>
    private const int MaxLines = 100;

    /// <inheritdoc cref="ExternalCommand.Run"/>
    public static ExternalResult Run(string program, IReadOnlyList<string> arguments, string input, TimeSpan timeout, IFirewallLog log)
    {
        ExternalResult result = ExternalCommand.Run(program, arguments, input, timeout);
        log.Trace(() => $"Ran: {program} {string.Join(' ', arguments)} ({EndOf(result)}){Given(input)}");
        return result;
    }

    /// <summary>What a program, or a library in its place, was given: a line break and a line each, or nothing.</summary>
    public static string Given(string input)
    {
        string[] lines = input.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        string shown = string.Concat(lines.Take(MaxLines).Select(line => $"\n    {line}"));
        return lines.Length > MaxLines ? string.Create(CultureInfo.InvariantCulture, $"{shown}\n    and {lines.Length - MaxLines} more lines") : shown;
    }

    private static string EndOf(ExternalResult result) =>
        result.Status is { } status ? string.Create(CultureInfo.InvariantCulture, $"status {status}") : result.Error;
}
