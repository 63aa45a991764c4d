namespace Fwknop.Interop.Tests;

/// <summary>The reference with itself: shows that what fails elsewhere is not the tests' fault.</summary>
public sealed class ReferenceAccessTests(ReferenceAccessTests.Programs pair) : AccessTests(pair), IClassFixture<ReferenceAccessTests.Programs>
{
    public sealed class Programs() : AccessPair(Implementation.Reference, Implementation.Reference);
}
