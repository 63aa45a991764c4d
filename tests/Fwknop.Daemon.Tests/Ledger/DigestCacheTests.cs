using Fwknop.Daemon.Ledger;
using Fwknop.Daemon.Lifecycle;
using Fwknop.Daemon.Logging;
using Fwknop.Grants;
using Fwknop.TestSupport;

namespace Fwknop.Daemon.Tests.Ledger;

/// <summary>The file that keeps a packet from working twice, as found after every kind of accident.</summary>
public sealed class DigestCacheTests : IDisposable
{
    private const string Header = "# <digest> <proto> <src_ip> <src_port> <dst_ip> <dst_port> <time>\n";
    private const string Example = "Ge1OAKuMbBs45HPKcqgxuMmWmwsj5Brsk5Zp04wi+No 17 10.77.0.2 58928 10.77.0.1 62201 1795284547";

    private readonly TemporaryFolder _folder = new();
    private readonly StringWriter _lines = new();

    private string Path => _folder.FilePath("digest.cache");

    public void Dispose()
    {
        _folder.Dispose();
        _lines.Dispose();
    }

    [Fact]
    public void A_new_file_has_the_header_and_is_the_owners_alone()
    {
        using DigestCache cache = Open();

        Assert.Empty(cache.Records);
        Assert.Equal(Header, File.ReadAllText(Path));
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(Path));
        Assert.Contains($"Using Digest Cache: '{Path}' (entry count = 0)", _lines.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void An_empty_file_gets_the_header()
    {
        _folder.Write("digest.cache", "");
        Open().Dispose();
        Assert.Equal(Header, File.ReadAllText(Path));
    }

    [Fact]
    public void Remembers_for_the_next_run()
    {
        using (DigestCache first = Open())
        {
            Assert.False(first.Knows(Packets.Seen(1).Digest));
            Assert.True(first.TryRecord([Packets.Seen(1), Packets.Seen(2, "2001:db8::1", "2001:db8::2")], out string error), error);
            Assert.True(first.Knows(Packets.Seen(1).Digest));
            Assert.Empty(first.Records);
        }

        using DigestCache second = Open();
        Assert.Equal([Packets.Seen(1), Packets.Seen(2, "2001:db8::1", "2001:db8::2")], second.Records);
        Assert.True(second.Knows(Packets.Seen(2).Digest));
        Assert.False(second.Knows(Packets.Seen(3).Digest));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Goes_on_in_a_new_file_when_its_own_was_removed_or_replaced(bool isReplaced)
    {
        using (DigestCache first = Open())
        {
            Assert.True(first.TryRecord([Packets.Seen(1)], out string error), error);
            File.Delete(Path);
            if (isReplaced)
            {
                _folder.Write("digest.cache", Header);
            }

            Assert.True(first.TryRecord([Packets.Seen(2)], out error), error);
            Assert.True(first.Knows(Packets.Seen(1).Digest));
            Assert.Contains("was removed or replaced", _lines.ToString(), StringComparison.Ordinal);
        }

        using DigestCache second = Open();
        Assert.Equal([Packets.Seen(2)], second.Records);
        Assert.StartsWith(Header, File.ReadAllText(Path), StringComparison.Ordinal);
    }

    [Fact]
    public void Records_nothing_when_its_folder_is_gone()
    {
        using DigestCache cache = DigestCache.Open(System.IO.Path.Combine(Directory.CreateDirectory(_folder.FilePath("gone")).FullName, "digest.cache"), Log());
        Directory.Delete(_folder.FilePath("gone"), recursive: true);

        Assert.False(cache.TryRecord([Packets.Seen(1)], out string error));
        Assert.Equal("No such file or directory", error);
        Assert.False(cache.Knows(Packets.Seen(1).Digest));
    }

    [Fact]
    public void Skips_what_is_no_record_and_says_so()
    {
        _folder.Write("digest.cache", $"# a\n; b\n\r\n\nnonsense\n{Example}\n{Example[..60]}\n");

        using DigestCache cache = Open();

        Assert.Equal(Example.Split(' ')[0], Assert.Single(cache.Records).Digest.ToString());
        Assert.Equal(
            $"*Skipping invalid digest file entry in {Path} at line 5.\n - nonsense\n"
            + $"*Skipping invalid digest file entry in {Path} at line 7.\n - {Example[..60]}\n"
            + $"Using Digest Cache: '{Path}' (entry count = 1)\n",
            _lines.ToString());
    }

    [Fact]
    public void A_malformed_line_cannot_forge_log_lines()
    {
        File.WriteAllBytes(_folder.Write("digest.cache", ""), [.. "\u001b[2J\r\r"u8, .. Enumerable.Repeat((byte)'x', 100_000), (byte)'\n']);
        using DigestCache cache = Open();
        Assert.DoesNotContain('\u001b', _lines.ToString());
        Assert.InRange(_lines.ToString().Length, 1, 1000);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(30)]
    [InlineData(43)]
    [InlineData(60)]
    [InlineData(78)]
    public void A_line_cut_short_by_a_crash_spoils_no_other(int length)
    {
        _folder.Write("digest.cache", $"{Header}{Example}\n{Example[..length]}");

        using (DigestCache cache = Open())
        {
            Assert.Single(cache.Records);
            Assert.True(cache.TryRecord([Packets.Seen(5)], out string error), error);
        }

        using DigestCache next = Open();
        Assert.Equal(2, next.Records.Count);
        Assert.True(next.Knows(Packets.Seen(5).Digest));
    }

    [Fact]
    public void A_record_without_its_newline_counts()
    {
        _folder.Write("digest.cache", $"{Header}{Example}");
        using DigestCache cache = Open();
        Assert.Single(cache.Records);
        Assert.True(cache.TryRecord([Packets.Seen(5)], out _));
        Assert.Equal($"{Header}{Example}\n", File.ReadAllText(Path)[..(Header.Length + Example.Length + 1)]);
    }

    [Fact]
    public void Binary_noise_is_no_obstacle()
    {
        Random random = new(7);
        byte[] noise = new byte[20_000];
        random.NextBytes(noise);
        File.WriteAllBytes(Path, noise);
        using DigestCache cache = Open();
        Assert.Empty(cache.Records);
        Assert.True(cache.TryRecord([Packets.Seen(1)], out _));
    }

    [Fact]
    public void A_folder_in_its_place_is_refused()
    {
        Directory.CreateDirectory(Path);
        Assert.Contains($"Digest file '{Path}' cannot be used", Assert.Throws<StartupException>(Open).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_missing_folder_is_refused()
    {
        string path = _folder.FilePath("nowhere/digest.cache");
        StartupException error = Assert.Throws<StartupException>(() => DigestCache.Open(path, Log()));
        Assert.Contains(path, error.Message, StringComparison.Ordinal);
    }

    [RootFact("mount")]
    public void What_a_full_disk_does_not_take_is_not_known() => SmallDisk.Run(folder =>
    {
        string path = System.IO.Path.Combine(folder, "digest.cache");
        using DigestCache cache = DigestCache.Open(path, Log());
        Assert.True(cache.TryRecord([Packets.Seen(1)], out _));
        string before = File.ReadAllText(path);

        Assert.False(cache.TryRecord([.. Enumerable.Range(2, 200).Select(seed => Packets.Seen(seed))], out string error));

        Assert.Contains("No space left", error, StringComparison.Ordinal);
        Assert.False(cache.Knows(Packets.Seen(2).Digest));
        Assert.Equal(before, File.ReadAllText(path));

        // Once there is room it goes on.
        Assert.True(cache.TryRecord([Packets.Seen(2)], out error), error);
        Assert.True(cache.Knows(Packets.Seen(2).Digest));
    });

    [InteropFact]
    public void A_file_of_the_reference_is_taken_over()
    {
        SharedKeys keys = SharedKeys.Random();
        using TestNetwork network = TestNetwork.Create();
        DaemonSetup setup = new($"SOURCE ANY\n{keys.AccessLines}", "ENABLE_PCAP_PROMISC N;\n") { RunFolder = _folder.Path };
        using (SpaDaemon reference = Reference.StartDaemon(network.Server, setup))
        {
            reference.GrantAfter("tcp/22", () => Reference.Client(network.Client)
                .Knock(["-D", $"{network.ServerAddress}", "-a", $"{network.ClientAddress}", "-A", "tcp/22", .. keys.ClientArguments]));
            reference.Stop();
        }

        string written = File.ReadAllText(Path);
        using (DigestCache cache = Open())
        {
            SeenPacket packet = Assert.Single(cache.Records);
            Assert.Equal(network.ClientAddress, packet.Origin.Source.ToIPAddress());
            Assert.Equal(62201, packet.Origin.DestinationPort);
            Assert.True(cache.Knows(packet.Digest));
            Assert.True(cache.TryRecord([Packets.Seen(1)], out _));
        }

        Assert.StartsWith(written, File.ReadAllText(Path), StringComparison.Ordinal);
        using SpaDaemon again = Reference.StartDaemon(network.Server, setup with { Arguments = ["-v"] });
        Assert.Contains("(entry count = 2)", again.Log, StringComparison.Ordinal);
    }

    private DigestCache Open() => DigestCache.Open(Path, Log());

    private DaemonLog Log() => new(_lines, verbosity: 1);
}
