namespace Fwknop.Interop.Tests;

public sealed class OurDaemonAccessTests(OurDaemonAccessTests.Programs pair) : AccessTests(pair), IClassFixture<OurDaemonAccessTests.Programs>
{
    public sealed class Programs() : AccessPair(Implementation.Reference, Implementation.Ours);
}
