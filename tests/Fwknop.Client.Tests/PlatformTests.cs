using System.Text;
using Fwknop.Native.Terminal;
using Fwknop.TestSupport;

namespace Fwknop.Client.Tests;

/// <summary>What the client does where it cannot call the C library of Linux (client.md 17), as far as that can be seen on Linux.</summary>
public sealed class PlatformTests
{
    private const UnixFileMode Private = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    public static TheoryData<bool> Both => [true, false];

    [Theory]
    [InlineData(Private, true)]
    [InlineData(UnixFileMode.UserRead, true)]
    [InlineData(Private | UnixFileMode.OtherRead, false)]
    [InlineData(Private | UnixFileMode.GroupWrite, false)]
    [InlineData(UnixFileMode.None, false)]
    public void Permissions_of_a_file(UnixFileMode mode, bool isGood)
    {
        using TemporaryFolder folder = new();
        string file = folder.Write("rc", "");
        string link = folder.FilePath("link");
        File.SetUnixFileMode(file, mode);
        File.CreateSymbolicLink(link, file);

        foreach (string path in new[] { file, link })
        {
            FileInspection expected = new LinuxPlatform().Inspect(path);
            Assert.Equal(isGood, expected.Complaints.Count == 0);
            FileInspection found = new UnixPlatform().Inspect(path);
            Assert.Equal(expected.Complaints, found.Complaints);
            Assert.Null(found.Problem);
        }
    }

    [Theory]
    [MemberData(nameof(Both))]
    public void What_is_no_file(bool isLinux)
    {
        IPlatform platform = PlatformOf(isLinux);
        using TemporaryFolder folder = new();

        Assert.Contains($"[-] file: {folder.Path} is not a regular file or symbolic link.", platform.Inspect(folder.Path).Complaints);
        Assert.Equal(FileInspection.Good, platform.Inspect(folder.FilePath("missing")));
    }

    [Theory]
    [MemberData(nameof(Both))]
    public void Keys_from_a_descriptor_one_per_line(bool isLinux)
    {
        using TemporaryFolder folder = new();
        using FileStream file = File.OpenRead(folder.Write("keys", "first key\r\nsecond\nthird"));
        int descriptor = (int)file.SafeFileHandle.DangerousGetHandle();

        // Not inherited, so the platform itself would refuse it.
        DescriptorPrompt prompt = new(
            () => isLinux ? DescriptorStream.OpenInput(descriptor) : PlatformOf(isLinux).OpenInput(descriptor), hasCarriageReturns: false);

        Assert.Equal(["first key\r", "second", "third", ""], Enumerable.Range(0, 4).Select(_ => Answer(prompt)));
    }

    [Theory]
    [MemberData(nameof(Both))]
    public void Descriptor_that_is_not_open(bool isLinux)
    {
        DescriptorPrompt prompt = new(() => PlatformOf(isLinux).OpenInput(98765), hasCarriageReturns: false);
        using SecretLine line = new();

        Assert.Equal(PromptResult.BadDescriptor, prompt.Ask("", line));
    }

    [Fact]
    public void Lines_of_windows_end_with_two_characters()
    {
        using MemoryStream input = new(Encoding.ASCII.GetBytes("first key\r\nab\u0003cd\r\nthird\r\n"));
        DescriptorPrompt prompt = new(() => input, hasCarriageReturns: true);

        Assert.Equal(["first key", "", "third", ""], Enumerable.Range(0, 4).Select(_ => Answer(prompt)));
    }

    [Fact]
    public void Windows_has_no_descriptors()
    {
        using ClientHarness client = new() { Platform = new WindowsPlatform() };
        Assert.Equal(
            new ClientRunResult(1, "", "Read password from FD not supported on Windows\n"),
            client.Run("-T", "--no-rc-file", "-s", "-A", "tcp/22", "--fd", "3"));
    }

    [Fact]
    public void Windows_has_no_gpg()
    {
        using ClientHarness client = new() { Platform = new WindowsPlatform() };
        Assert.Equal(
            new ClientRunResult(1, "", "[*] GPG mode is not available on this system.\n"),
            client.Run("-T", "--no-rc-file", "--no-save-args", "-s", "-A", "tcp/22", "--gpg-encryption", "--gpg-recipient-key", "any"));
    }

    [Theory]
    [InlineData("OFFICE\\tester", "tester")]
    [InlineData("tester", "tester")]
    public void Domain_of_a_user_of_windows_is_cut(string account, string name)
    {
        using ClientHarness client = new() { Platform = new WindowsPlatform(), Account = account };
        Assert.Equal(name, client.Knock("-D", "192.0.2.1", "-s", "-A", "tcp/22").Message.Username.ToString());
    }

    [Theory]
    [InlineData("udpraw", "udp_raw")]
    [InlineData("tcpraw", "tcp_raw")]
    [InlineData("icmp", "icmp")]
    public void Raw_packets_are_not_supported(string transport, string function)
    {
        using ClientHarness client = new() { RawPackets = new UnixPlatform().RawPackets };
        ClientRunResult run = client.Run(
            "--no-rc-file", "--no-save-args", "-D", "192.0.2.1", "-s", "-A", "tcp/22", "-P", transport,
            "--key-rijndael", ClientHarness.Key, "--key-hmac", ClientHarness.HmacKey);

        Assert.Equal(
            new ClientRunResult(1, "", $"send_spa_packet_{function}: raw packets are not yet supported.\nsend_spa_packet: packet not sent.\n"), run);
    }

    private static IPlatform PlatformOf(bool isLinux) => isLinux ? new LinuxPlatform() : new UnixPlatform();

    private static string Answer(IKeyPrompt prompt)
    {
        using SecretLine line = new();
        Assert.Equal(PromptResult.Answered, prompt.Ask("", line));
        return Encoding.ASCII.GetString(line.Span);
    }
}
