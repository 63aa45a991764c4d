using Fwknop.Native.LibPcap;

namespace Fwknop.Native.Tests.LibPcap;

public sealed class PcapLibraryTests
{
    [Fact]
    public void The_installed_library_is_usable() => Assert.StartsWith("libpcap version 1.", PcapLibrary.Verify(), StringComparison.Ordinal);

    [Theory]
    [InlineData("libpcap version 1.10.3 (with TPACKET_V3)", "1.10.3")]
    [InlineData("libpcap version 1.5.3", "1.5.3")]
    [InlineData("libpcap version 1.11.0-PRE-GIT (with TPACKET_V3)", "1.11.0")]
    [InlineData("libpcap version 1", null)]
    [InlineData("libpcap version ", null)]
    [InlineData("libpcap version x", null)]
    [InlineData("another library 1.2.3", null)]
    [InlineData("", null)]
    public void Its_version_is_read(string text, string? version) => Assert.Equal(version, PcapLibrary.ReadVersion(text)?.ToString());
}
