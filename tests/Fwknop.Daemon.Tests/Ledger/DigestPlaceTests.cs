using Fwknop.Configuration.Server;
using Fwknop.Daemon.Ledger;
using Fwknop.Daemon.Lifecycle;
using Fwknop.Daemon.Logging;
using Fwknop.Grants;
using Fwknop.TestSupport;

namespace Fwknop.Daemon.Tests.Ledger;

/// <summary>Where the record is, how it moves and how it is begun anew, without a packet working twice.</summary>
public sealed class DigestPlaceTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly StringWriter _lines = new();

    private string Place => _folder.FilePath("lib/digest.cache");

    private string Classic => _folder.FilePath("digest.cache");

    private ServerConfig Config => new() { DigestFile = Place, ClassicDigestFile = Classic };

    public void Dispose()
    {
        _folder.Dispose();
        _lines.Dispose();
    }

    [Fact]
    public void A_missing_folder_is_made_for_its_owner_alone()
    {
        DigestOpening.Open(Config, Log()).Dispose();

        Assert.True(File.Exists(Place));
        Assert.Equal(
            UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute, File.GetUnixFileMode(_folder.FilePath("lib")));
    }

    [Fact]
    public void The_folder_of_a_file_that_was_chosen_is_not_made()
    {
        StartupException error = Assert.Throws<StartupException>(() => DigestOpening.Open(Config with { ClassicDigestFile = null }, Log()));
        Assert.Contains($"Digest file '{Place}' cannot be used", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void The_record_of_the_classic_place_is_taken_over_once()
    {
        Write(Classic, Packets.Seen(1), Packets.Seen(2));

        using (DigestCache first = DigestOpening.Open(Config, Log()))
        {
            Assert.Equal([Packets.Seen(1), Packets.Seen(2)], first.Records);
            Assert.True(first.Knows(Packets.Seen(2).Digest));
        }

        Assert.Contains($"Took over the digest cache '{Classic}' (entry count = 2) into '{Place}'", _lines.ToString(), StringComparison.Ordinal);
        Write(Classic, Packets.Seen(3));
        using DigestCache second = DigestOpening.Open(Config, Log());
        Assert.Equal([Packets.Seen(1), Packets.Seen(2)], second.Records);
        Assert.True(File.Exists(Classic));
    }

    [RootFact("mount")]
    public void A_record_that_cannot_be_taken_over_whole_is_not_taken_over_in_part() => SmallDisk.Run(folder =>
    {
        Write(Classic, [.. Enumerable.Range(1, 200).Select(seed => Packets.Seen(seed))]);
        string place = Path.Combine(folder, "digest.cache");

        Assert.Throws<StartupException>(() => DigestOpening.Open(Config with { DigestFile = place }, Log()));

        Assert.False(File.Exists(place));
    });

    [Theory]
    [InlineData(true, 1)]
    [InlineData(false, 2)]
    public void A_new_record_begins_with_the_packets_that_are_still_good(bool checksAge, int kept)
    {
        long now = DateTimeOffset.UtcNow.ToUnixTimeSeconds();
        Directory.CreateDirectory(_folder.FilePath("lib"));
        Write(Place, Packets.Seen(1) with { ReceivedAt = now - 300 }, Packets.Seen(2) with { ReceivedAt = now - 200 });

        DigestRotation.Rotate(Config with { MaxPacketAge = 120, ChecksPacketAge = checksAge }, Log());

        using DigestCache cache = DigestOpening.Open(Config, Log());
        Assert.Equal(kept, cache.Records.Count);
        Assert.True(cache.Knows(Packets.Seen(2).Digest));
        using DigestCache old = DigestCache.Open(Place + "-old", Log());
        Assert.Equal(2, old.Records.Count);
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(Place + "-old"));
        Assert.Contains("Rotating digest cache file.\n", _lines.ToString(), StringComparison.Ordinal);
        Assert.False(File.Exists(Place + "-new"));
    }

    [Fact]
    public void A_record_that_cannot_be_begun_anew_stays()
    {
        Directory.CreateDirectory(_folder.FilePath("lib"));
        Write(Place, Packets.Seen(1));
        Directory.CreateDirectory(Place + "-old");

        DigestRotation.Rotate(Config, Log());

        Assert.Contains($"Unable to rename digest file: {Place} to {Place}-old: ", _lines.ToString(), StringComparison.Ordinal);
        using DigestCache cache = DigestOpening.Open(Config, Log());
        Assert.True(cache.Knows(Packets.Seen(1).Digest));
    }

    [Fact]
    public void Another_record_is_taken_over_without_what_is_there_already()
    {
        Write(Classic, Packets.Seen(1), Packets.Seen(2));
        Directory.CreateDirectory(_folder.FilePath("lib"));
        Write(Place, Packets.Seen(2), Packets.Seen(3));

        using (DigestCache cache = DigestCache.Open(Place, Log()))
        {
            cache.TakeOver(Classic, Log());
            Assert.Equal([Packets.Seen(2), Packets.Seen(3), Packets.Seen(1)], cache.Records);
            cache.Know([Packets.Seen(4)]);
            Assert.True(cache.Knows(Packets.Seen(4).Digest));
        }

        Assert.Equal(3, File.ReadLines(Place).Count(line => line[0] != '#'));
    }

    private void Write(string path, params SeenPacket[] packets)
    {
        File.Delete(path);
        using DigestCache cache = DigestCache.Open(path, Log());
        Assert.True(cache.TryRecord(packets, out _));
    }

    private DaemonLog Log() => new(_lines, verbosity: 0);
}
