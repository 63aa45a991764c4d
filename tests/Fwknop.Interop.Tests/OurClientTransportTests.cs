namespace Fwknop.Interop.Tests;

public sealed class OurClientTransportTests(OurClientTransportTests.Programs pair)
    : TransportTests(pair), IClassFixture<OurClientTransportTests.Programs>
{
    public sealed class Programs() : TransportPair(Implementation.Ours, Implementation.Reference);
}
