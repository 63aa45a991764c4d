namespace Fwknop.Fuzz;

/// <summary>A parser under attack.</summary>
/// <param name="Name">What to call it on the command line.</param>
/// <param name="Purpose">One line for the list of targets.</param>
/// <param name="Corpus">The inputs to begin from, mostly valid ones.</param>
/// <param name="Check">Feeds one input and throws when the parser breaks a promise; the parser itself must not throw at all.</param>
internal sealed record FuzzTarget(string Name, string Purpose, Func<IReadOnlyList<byte[]>> Corpus, Action<byte[]> Check);
