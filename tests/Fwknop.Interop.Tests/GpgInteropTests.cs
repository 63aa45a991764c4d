using System.Text;
using Fwknop.Protocol;
using Fwknop.TestSupport;

namespace Fwknop.Interop.Tests;

/// <summary>GPG packets of the reference's client in our library.</summary>
public sealed class GpgInteropTests(GpgInteropTests.Site site) : IClassFixture<GpgInteropTests.Site>
{
    [InteropTheory]
    [InlineData("signed with HMAC", true, GpgSite.HmacKey, HmacType.Sha256)]
    [InlineData("signed with another HMAC", true, GpgSite.HmacKey, HmacType.Sha3_512)]
    [InlineData("signed without HMAC", true, null, HmacType.None)]
    [InlineData("unsigned with HMAC", false, GpgSite.HmacKey, HmacType.Sha512)]
    [InlineData("unsigned without HMAC", false, null, HmacType.None)]
    public void Our_library_opens_packets_of_the_reference(string what, bool isSigned, string? hmacKey, HmacType hmacType)
    {
        using TemporaryFolder folder = new();
        string file = folder.FilePath("packet");
        string? hmacName = hmacKey is null ? null : AlgorithmNames.GetName(hmacType);

        // In test mode, which fails where the client cannot read what it made for another; the packet is saved before.
        ProcessRun run = ProcessRun.Run(new ProcessCommand(
            Reference.ClientProgram,
            [
                "--no-rc-file", "--no-save-args", "-T", "-B", file, "-D", "192.0.2.1", "-a", "192.0.2.9", "-A", "tcp/22", "-U", "tester",
                .. site.GpgArguments(isSigned, hmacKey, hmacName),
            ])
        { Environment = new Dictionary<string, string?> { ["HOME"] = folder.Path } });

        Assert.True(File.Exists(file), run.Errors);
        byte[] packet = Encoding.ASCII.GetBytes(File.ReadAllText(file).TrimEnd('\n'));
        AuthenticMessage opened = site.Open(packet, hmacKey, hmacType, isSigned, what);
        Assert.Equal("192.0.2.9,tcp/22", opened.Message.Message.ToString());
        Assert.Equal("tester", opened.Message.Username.ToString());
        Assert.Equal(isSigned ? GpgHome.ClientFingerprint : null, opened.Signature?.Fingerprint);
    }

    public sealed class Site() : GpgSite(Implementation.Reference, Implementation.Ours);
}
