namespace Fwknop.Interop.Tests;

public sealed class OurClientGpgTests(OurClientGpgTests.Site site) : GpgTests(site), IClassFixture<OurClientGpgTests.Site>
{
    public sealed class Site() : GpgSite(Implementation.Ours, Implementation.Reference);
}
