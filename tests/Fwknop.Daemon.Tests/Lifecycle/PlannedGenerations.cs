using Fwknop.Daemon.Lifecycle;

namespace Fwknop.Daemon.Tests.Lifecycle;

/// <summary>Gives the generations that a test has made, one after the other; none when they are used up.</summary>
internal sealed class PlannedGenerations : IGenerationSource
{
    public Queue<Func<Generation, Generation?>> Next { get; } = [];

    public List<int> Established { get; } = [];

    public Generation? TryStartNext(Generation present) => Next.TryDequeue(out Func<Generation, Generation?>? make) ? make(present) : null;

    public void Establish(Generation generation) => Established.Add(generation.Number);
}
