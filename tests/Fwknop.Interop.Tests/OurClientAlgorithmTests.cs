namespace Fwknop.Interop.Tests;

public sealed class OurClientAlgorithmTests(OurClientAlgorithmTests.Programs pair) : AlgorithmTests(pair), IClassFixture<OurClientAlgorithmTests.Programs>
{
    // Its UDP server answers faster than its capture, which sleeps 100 ms between looks.
    public sealed class Programs() : AlgorithmPair(Implementation.Ours, Implementation.Reference, "-U");
}
