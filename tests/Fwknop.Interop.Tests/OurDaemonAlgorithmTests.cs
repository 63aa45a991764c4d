namespace Fwknop.Interop.Tests;

public sealed class OurDaemonAlgorithmTests(OurDaemonAlgorithmTests.Programs pair) : AlgorithmTests(pair), IClassFixture<OurDaemonAlgorithmTests.Programs>
{
    public sealed class Programs() : AlgorithmPair(Implementation.Reference, Implementation.Ours);
}
