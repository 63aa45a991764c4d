using Fwknop.Native.FileSystem;
using Fwknop.TestSupport;

namespace Fwknop.Native.Tests.FileSystem;

public sealed class StagedFileTests : IDisposable
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void The_old_file_stays_until_the_new_one_is_put_in_place(bool isPutInPlace)
    {
        string path = _folder.Write("file", "old");
        File.SetUnixFileMode(path, OwnerOnly | UnixFileMode.OtherRead);
        using (StagedFile staged = StagedFile.Create(path, "new"u8))
        {
            Assert.Equal("old", File.ReadAllText(path));
            if (isPutInPlace)
            {
                staged.PutInPlace();
            }
        }

        Assert.Equal(isPutInPlace ? "new" : "old", File.ReadAllText(path));
        Assert.Equal(isPutInPlace ? OwnerOnly : OwnerOnly | UnixFileMode.OtherRead, File.GetUnixFileMode(path));
        Assert.Single(Directory.GetFileSystemEntries(_folder.Path));
    }

    [Fact]
    public void A_file_that_is_not_put_in_place_never_was()
    {
        StagedFile.Create(_folder.FilePath("file"), "new"u8).Dispose();
        Assert.Empty(Directory.GetFileSystemEntries(_folder.Path));
    }

    [Fact]
    public void A_link_stays_and_what_it_leads_to_is_replaced()
    {
        string target = _folder.Write("target", "old");
        string link = _folder.FilePath("link");
        File.CreateSymbolicLink(link, target);
        using StagedFile staged = StagedFile.Create(link, "new"u8);
        staged.PutInPlace();
        Assert.Equal((target, "new"), (new FileInfo(link).LinkTarget, File.ReadAllText(target)));
    }

    [Fact]
    public void A_device_is_written_to_when_it_is_put_in_place()
    {
        string link = _folder.FilePath("full.png");
        File.CreateSymbolicLink(link, "/dev/full");
        using StagedFile staged = StagedFile.Create(link, "new"u8);
        Assert.Throws<IOException>(staged.PutInPlace);
        Assert.True(File.Exists("/dev/full"));
    }

    [Fact]
    public void What_cannot_be_a_file_is_refused_at_once()
    {
        Assert.Throws<UnauthorizedAccessException>(() => StagedFile.Create(_folder.Path, "new"u8));
        Assert.Throws<DirectoryNotFoundException>(() => StagedFile.Create(_folder.FilePath("missing/file"), "new"u8));
        Assert.Empty(Directory.GetFileSystemEntries(_folder.Path));
    }

    [RootFact("chown")]
    public void A_link_to_the_file_of_somebody_else_is_not_followed()
    {
        string target = _folder.Write("target", "old");
        ProcessRun.RunChecked(new ProcessCommand("chown", "12345", target));
        string link = _folder.FilePath("link");
        File.CreateSymbolicLink(link, target);
        Assert.Throws<IOException>(() => StagedFile.Create(link, "new"u8));
        Assert.Equal("old", File.ReadAllText(target));
    }
}
