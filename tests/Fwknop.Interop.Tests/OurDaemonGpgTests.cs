namespace Fwknop.Interop.Tests;

public sealed class OurDaemonGpgTests(OurDaemonGpgTests.Site site) : GpgTests(site), IClassFixture<OurDaemonGpgTests.Site>
{
    public sealed class Site() : GpgSite(Implementation.Reference, Implementation.Ours);
}
