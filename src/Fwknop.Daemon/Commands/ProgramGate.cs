namespace Fwknop.Daemon.Commands;

/// <summary>
/// Held while a program is started. A descriptor is lent to the listener by letting all programs inherit it for the moment of its start, and no command may
/// start in that moment.
/// </summary>
internal static class ProgramGate
{
    public static Lock Starting { get; } = new();
}
