using System.Diagnostics;
using System.Globalization;
using Fwknop.TestSupport;

namespace Fwknop.Daemon.Tests.Enforcement.Sequences;

/// <summary>
/// Whatever grants, renewals, revocations, ends, crashes, restarts, reloads and interference come in whatever order: the kernel has exactly what a simple
/// model predicts, and what is not ours stays as it is.
/// The seeds are fixed, so that a failure comes again, but for one of a kind that is another in each run (FWKNOP_SEED repeats it); the message has the seed, and the
/// steps that are left when all that do not matter are taken out.
/// FWKNOP_SEQUENCES=50 tries that many more of each kind, from other seeds (FWKNOP_SEED=1000 says from which).
/// </summary>
public sealed class GrantSequenceTests
{
    private const int Steps = 26;
    private const int PoolSize = 7;

    private static readonly TimeSpan ShrinkTime = TimeSpan.FromSeconds(60);

    private static readonly StepKind[] Usual =
    [
        .. Enumerable.Repeat(StepKind.Grant, 11), StepKind.Revoke, StepKind.Revoke, .. Enumerable.Repeat(StepKind.Advance, 3), StepKind.Crash, StepKind.Abandon,
        StepKind.Restart, StepKind.Reload, StepKind.Reconcile, .. Enumerable.Repeat(StepKind.Damage, 5),
    ];

    private static readonly StepKind[] Faulty =
    [
        .. Enumerable.Repeat(StepKind.Grant, 6), StepKind.Revoke, StepKind.Advance, StepKind.Crash, StepKind.Abandon, StepKind.Restart,
        .. Enumerable.Repeat(StepKind.Fault, 8),
    ];

    [RootTheory("iptables-nft", "ip6tables-nft", "iptables-legacy", "ip6tables-legacy", "nft", "ipset")]
    [InlineData(0, 11)]
    [InlineData(0, 12)]
    [InlineData(1, 21)]
    [InlineData(1, 22)]
    [InlineData(2, 31)]
    [InlineData(2, 32)]
    [InlineData(3, 41)]
    [InlineData(3, 42)]
    [InlineData(9, 81)]
    [InlineData(10, 82)]
    public void The_kernel_has_what_the_model_predicts(int variant, int seed)
    {
        foreach (int each in WithMore(seed))
        {
            Try(FirewallVariant.All[variant], each, Usual);
        }
    }

    [RootTheory("iptables-nft", "ip6tables-nft", "iptables-legacy", "ip6tables-legacy", "nft", "ipset")]
    [InlineData(0, 51)]
    [InlineData(0, 52)]
    [InlineData(1, 61)]
    [InlineData(4, 71)]
    [InlineData(9, 91)]
    public void Programs_that_fail_open_nothing_and_leave_nothing(int variant, int seed)
    {
        foreach (int each in WithMore(seed))
        {
            Try(FirewallVariant.All[variant], each, Faulty);
        }
    }

    /// <summary>The seed says which firewall it is, too. With programs that fail it is one that starts programs.</summary>
    [RootTheory("iptables-nft", "ip6tables-nft", "iptables-legacy", "ip6tables-legacy", "nft", "ipset")]
    [InlineData(false)]
    [InlineData(true)]
    public void So_it_is_in_a_sequence_that_nobody_has_tried(bool faulty)
    {
        FirewallVariant[] variants = [.. FirewallVariant.All.Where(variant => variant.IsIptables || !faulty)];
        Try(variants[FirstSeed % variants.Length], FirstSeed, faulty ? Faulty : Usual);
    }

    private static int FirstSeed { get; } = Number("FWKNOP_SEED") ?? Environment.TickCount & 0xFFFFFF;

    private static IEnumerable<int> WithMore(int seed) => [seed, .. Enumerable.Range(FirstSeed, Number("FWKNOP_SEQUENCES") ?? 0)];

    private static int? Number(string variable) =>
        int.TryParse(Environment.GetEnvironmentVariable(variable), NumberStyles.None, CultureInfo.InvariantCulture, out int number) ? number : null;

    private static void Try(FirewallVariant variant, int seed, StepKind[] kinds)
    {
        SequenceStep[] steps = StepsOf(seed, kinds);
        if (SequenceRun.Do(variant, steps) is { } problem)
        {
            (IReadOnlyList<SequenceStep> needed, problem) = Shrink(variant, steps, problem);
            Assert.Fail($"{variant}, seed {seed} (FWKNOP_SEED={seed}):\n{string.Join('\n', needed.Select(step => $"  {step}"))}\n{problem}");
        }
    }

    /// <summary>A sequence is about a few wishes, so that its steps meet.</summary>
    private static SequenceStep[] StepsOf(int seed, StepKind[] kinds)
    {
#pragma warning disable CA5394 // the sequence shall come again
        Random random = new(seed);
        int[] pool = [.. Enumerable.Range(0, Wishes.All.Count)];
        random.Shuffle(pool);
        return [.. Enumerable.Range(0, Steps).Select(_ => Next(kinds[random.Next(kinds.Length)]))];

        SequenceStep Next(StepKind kind) => kind is StepKind.Grant or StepKind.Revoke
            ? new(kind, random.Next(1000), pool[random.Next(PoolSize)], pool[random.Next(PoolSize)])
            : new(kind, random.Next(1000), random.Next(1000), random.Next(1000));
#pragma warning restore CA5394
    }

    /// <summary>Takes steps out, many at a time and then one by one, as long as something is wrong without them.</summary>
    private static (IReadOnlyList<SequenceStep> Steps, string Problem) Shrink(FirewallVariant variant, IReadOnlyList<SequenceStep> steps, string problem)
    {
        Stopwatch time = Stopwatch.StartNew();
        for (int size = steps.Count / 2; size > 0; size = size == 1 || time.Elapsed > ShrinkTime ? 0 : size / 2)
        {
            for (int start = steps.Count - size; start >= 0 && time.Elapsed < ShrinkTime; start = Math.Min(start, steps.Count) - size)
            {
                SequenceStep[] fewer = [.. steps.Take(start), .. steps.Skip(start + size)];
                if (SequenceRun.Do(variant, fewer) is { } still)
                {
                    (steps, problem) = (fewer, still);
                }
            }
        }

        return (steps, problem);
    }
}
