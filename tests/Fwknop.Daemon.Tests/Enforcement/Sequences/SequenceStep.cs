using System.Globalization;

namespace Fwknop.Daemon.Tests.Enforcement.Sequences;

/// <summary>One step: it means something whatever came before, so that steps can be left out.</summary>
/// <param name="Kind">What happens.</param>
/// <param name="First">A choice.</param>
/// <param name="Second">Another choice.</param>
/// <param name="Third">A third choice.</param>
internal sealed record SequenceStep(StepKind Kind, int First, int Second, int Third)
{
    /// <summary>Ends of grants are never near the times at which something happens: the clocks of the kernel cannot be moved to the millisecond.</summary>
    public const int Grid = 600;

    /// <summary>The wishes of a grant or a revocation.</summary>
    public IReadOnlyList<Wish> Wishes => First % 3 == 0 ? [Wish(Second)] : First % 3 == 1 ? [Wish(Second), Wish(Third)] : [Wish(Second), Wish(Third), Wish(First)];

    /// <summary>How long a grant lasts, in seconds.</summary>
    public int Duration => (Grid / 2) + (First / 3 % 4 * Grid);

    /// <summary>How much time passes, in seconds.</summary>
    public int Seconds => Grid * (1 + (First % 2));

    /// <summary>FLUSH_*_AT_INIT N.</summary>
    public bool Keeps => First % 2 == 0;

    public override string ToString() => Kind switch
    {
        StepKind.Grant => string.Create(CultureInfo.InvariantCulture, $"grant {string.Join(" & ", Wishes)} for {Duration} s"),
        StepKind.Revoke => $"revoke {string.Join(" & ", Wishes)}",
        StepKind.Advance => string.Create(CultureInfo.InvariantCulture, $"{Seconds} s pass"),
        StepKind.Crash or StepKind.Abandon or StepKind.Restart => $"{Kind}, {(Keeps ? "keeping" : "forgetting")}",
        StepKind.Reconcile => "changes are told",
        StepKind.Reload => string.Create(CultureInfo.InvariantCulture, $"Reload with configuration {Second}, {(Keeps ? "keeping" : "forgetting")}"),
        _ => string.Create(CultureInfo.InvariantCulture, $"{Kind} {First} {Second} {Third}"),
    };

    private static Wish Wish(int choice) => Sequences.Wishes.All[choice % Sequences.Wishes.All.Count];
}
