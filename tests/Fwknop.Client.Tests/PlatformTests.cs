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
            FileInspection expected = Inspect(new LinuxPlatform(), path);
            Assert.Equal(isGood, expected.Complaints.Count == 0);
            FileInspection found = Inspect(new UnixPlatform(), path);
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

        Assert.Contains($"[-] file: {folder.Path} is not a regular file or symbolic link.", Inspect(platform, folder.Path).Complaints);
        Assert.Equal(FileInspection.Good, Inspect(platform, folder.FilePath("missing")));
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

    [Theory]
    [MemberData(nameof(Both))]
    public void What_is_read_is_what_was_looked_at(bool isLinux)
    {
        const UnixFileMode forAll = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.OtherWrite;
        using TemporaryFolder folder = new();
        string path = folder.Write("rc", "ours");
        string other = folder.Write("other", "theirs");
        File.SetUnixFileMode(other, forAll);
        using (InspectedFile file = PlatformOf(isLinux).Open(path))
        {
            File.Move(other, path, overwrite: true);
            using SecretBuffer content = file.ReadAll();
            Assert.Equal(("ours", null), (Encoding.ASCII.GetString(content.Span), file.OpenToOthers));
            Assert.Empty(file.Inspection.Complaints);
        }

        using InspectedFile now = PlatformOf(isLinux).Open(path);
        Assert.Equal(path, now.OpenToOthers);
        Assert.NotEmpty(now.Inspection.Complaints);
    }

    [Theory]
    [MemberData(nameof(Both))]
    public void What_others_can_change_is_told_of_file_and_folder(bool isLinux)
    {
        const UnixFileMode forAll = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute | UnixFileMode.OtherWrite;
        using TemporaryFolder folder = new();
        string path = folder.Write("rc.d/1.conf", "");
        File.SetUnixFileMode(folder.FilePath("rc.d"), forAll);
        using InspectedFile alone = PlatformOf(isLinux).Open(path);
        using InspectedFile inFolder = PlatformOf(isLinux).Open(path, withFolder: true);
        using InspectedFile missing = PlatformOf(isLinux).Open(folder.FilePath("rc.d/2.conf"));
        Assert.Equal((null, folder.FilePath("rc.d"), null), (alone.OpenToOthers, inFolder.OpenToOthers, missing.OpenToOthers));
        Assert.ThrowsAny<IOException>(missing.ReadAll);
    }

    private static FileInspection Inspect(IPlatform platform, string path)
    {
        using InspectedFile file = platform.Open(path);
        return file.Inspection;
    }

    private static IPlatform PlatformOf(bool isLinux) => isLinux ? new LinuxPlatform() : new UnixPlatform();

    private static string Answer(IKeyPrompt prompt)
    {
        using SecretLine line = new();
        Assert.Equal(PromptResult.Answered, prompt.Ask("", line));
        return Encoding.ASCII.GetString(line.Span);
    }
}
