using Fwknop.Configuration.Files;

namespace Fwknop.Configuration.Access;

/// <summary>CMD_CYCLE_* of a stanza while its lines are read.</summary>
internal sealed class CycleDraft
{
    public DraftCommand? Open { get; set; }

    public DraftCommand? Close { get; set; }

    public int Timer { get; set; }

    /// <summary>Checks the commands together (server.md 4.4 step 7).</summary>
    /// <param name="sourceText">By what messages name the stanza.</param>
    /// <param name="place">Its SOURCE.</param>
    public bool Check(string sourceText, Place place)
    {
        if (Open is null && Close is null)
        {
            return true;
        }

        string? error = Close is null ? "Cannot set CMD_CYCLE_OPEN without also setting CMD_CYCLE_CLOSE"
            : Open is null ? "Cannot set CMD_CYCLE_CLOSE without also setting CMD_CYCLE_OPEN"
            : !Close.IsNone && Timer == 0 ? "Must set the CMD_CYCLE_TIMER for command cycle functionality"
            : null;
        if (error is not null)
        {
            place.Error($"[*] {error}: '{sourceText}'");
        }

        bool openIsGood = Open?.Check(sourceText) ?? false;
        bool closeIsGood = Close is { IsNone: true } || (Close?.Check(sourceText) ?? false);
        return error is null && openIsGood && closeIsGood;
    }

    public CommandCycle? Make() => Open is null ? null : new CommandCycle(Open.Words, Close is null or { IsNone: true } ? null : Close.Words, Timer);
}
