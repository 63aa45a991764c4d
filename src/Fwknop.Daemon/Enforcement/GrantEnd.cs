namespace Fwknop.Daemon.Enforcement;

/// <summary>The end of a grant, and who has it until then.</summary>
/// <param name="Due">On the monotonic clock: what counts.</param>
/// <param name="Epoch">EXP, the same in epoch seconds as expected when the grant was made: what is printed.</param>
internal readonly record struct GrantEnd(TimeSpan Due, long Epoch)
{
    /// <summary>Null for a grant of an earlier run.</summary>
    public GrantHolder? Holder { get; init; }
}
