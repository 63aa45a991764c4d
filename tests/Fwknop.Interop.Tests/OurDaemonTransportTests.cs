namespace Fwknop.Interop.Tests;

public sealed class OurDaemonTransportTests(OurDaemonTransportTests.Programs pair)
    : TransportTests(pair), IClassFixture<OurDaemonTransportTests.Programs>
{
    public sealed class Programs() : TransportPair(Implementation.Reference, Implementation.Ours);
}
