namespace Fwknop.Fuzz;

/// <summary>Mutates a target's corpus and feeds it, reproducibly.</summary>
internal static class FuzzRun
{
    /// <summary>The first failure, or null.</summary>
    public static FuzzFailure? FindFailure(FuzzTarget target, int seed, int count)
    {
        var mutator = new Mutator(seed, target.Corpus());
        for (var i = 0; i < count; i++)
        {
            var input = mutator.Next();
            try
            {
                target.Check(input);
            }
#pragma warning disable CA1031 // any exception is what is looked for; it ends the run and is reported
            catch (Exception exception)
#pragma warning restore CA1031
            {
                return new FuzzFailure(i, input, exception);
            }
        }

        return null;
    }
}
