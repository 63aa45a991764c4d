namespace Fwknop.Interop.Tests;

public sealed class OurClientAccessTests(OurClientAccessTests.Programs pair) : AccessTests(pair), IClassFixture<OurClientAccessTests.Programs>
{
    public sealed class Programs() : AccessPair(Implementation.Ours, Implementation.Reference);
}
