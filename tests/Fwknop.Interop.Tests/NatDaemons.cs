namespace Fwknop.Interop.Tests;

/// <summary>Both daemons with the same configuration, each in a network of its own with the same addresses.</summary>
public sealed class NatDaemons : IDisposable
{
    public NatPair Ours { get; } = new(Implementation.Ours);

    public NatPair Reference { get; } = new(Implementation.Reference);

    public void Dispose()
    {
        Ours.Dispose();
        Reference.Dispose();
    }
}
