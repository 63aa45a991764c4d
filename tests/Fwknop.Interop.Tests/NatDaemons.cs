namespace Fwknop.Interop.Tests;

/// <summary>Both daemons with the same configuration, each in a network of its own with the same addresses.</summary>
public sealed class NatDaemons : IDisposable
{
    private const string Particulars = "ENABLE_DESTINATION_RULE Y;\nENABLE_RULE_PREPEND Y;\nSNAT_TRANSLATE_IP 10.6.6.7;\n";

    public NatPair Ours { get; } = new(Implementation.Ours);

    public NatPair Reference { get; } = new(Implementation.Reference);

    /// <summary>The same with <see cref="Particulars"/>.</summary>
    public NatPair OursInParticular { get; } = new(Implementation.Ours, Particulars);

    public NatPair ReferenceInParticular { get; } = new(Implementation.Reference, Particulars);

    public void Dispose()
    {
        Ours.Dispose();
        Reference.Dispose();
        OursInParticular.Dispose();
        ReferenceInParticular.Dispose();
    }
}
