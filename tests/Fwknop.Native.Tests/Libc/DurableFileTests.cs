using Fwknop.Native.Libc;
using Fwknop.TestSupport;

namespace Fwknop.Native.Tests.Libc;

public sealed class DurableFileTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    private string Path => _folder.FilePath("digest.cache");

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_new_file_is_private_and_empty()
    {
        Assert.True(DurableFile.TryOpen(Path, out var file, out _));
        using (file)
        {
            Assert.Equal(0, file!.Length);
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(Path));
        }
    }

    [Fact]
    public void What_is_appended_comes_behind_what_was_there()
    {
        File.WriteAllText(Path, "one\n");
        Assert.True(DurableFile.TryOpen(Path, out var file, out _));
        using (file)
        {
            Assert.True(file!.TryAppend("two\n"u8, out _));
            Assert.True(file.TryAppend([], out _));
            Assert.True(file.TryAppend("three\n"u8, out _));
            Assert.Equal(14, file.Length);
        }

        Assert.Equal("one\ntwo\nthree\n", File.ReadAllText(Path));
    }

    [RootFact("mount")]
    public void A_full_disk_leaves_no_half_line_and_appending_goes_on_when_there_is_room()
    {
        var disk = Directory.CreateDirectory(_folder.FilePath("disk")).FullName;
        ProcessRun.RunChecked(new ProcessCommand("mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", disk));
        try
        {
            var path = System.IO.Path.Combine(disk, "digest.cache");
            var ballast = System.IO.Path.Combine(disk, "ballast");
            Assert.True(DurableFile.TryOpen(path, out var file, out _));
            using (file)
            {
                Assert.True(file!.TryAppend("first\n"u8, out _));
                File.WriteAllBytes(ballast, new byte[56 * 1024]);

                Assert.False(file.TryAppend(new byte[16 * 1024], out var error));
                Assert.Equal("No space left on device", error.Text);
                Assert.Equal("first\n", File.ReadAllText(path));

                File.Delete(ballast);
                Assert.True(file.TryAppend("second\n"u8, out _));
            }

            Assert.Equal("first\nsecond\n", File.ReadAllText(path));
        }
        finally
        {
            ProcessRun.RunChecked(new ProcessCommand("umount", disk));
        }
    }

    [Fact]
    public void A_file_emptied_by_somebody_else_is_appended_to_from_its_new_end()
    {
        Assert.True(DurableFile.TryOpen(Path, out var file, out _));
        using (file)
        {
            Assert.True(file!.TryAppend("one\n"u8, out _));
            File.WriteAllText(Path, "");
            Assert.True(file.TryAppend("two\n"u8, out _));
            Assert.Equal(4, file.Length);
        }

        Assert.Equal("two\n", File.ReadAllText(Path));
    }

    [Fact]
    public void A_folder_that_does_not_exist_is_an_error()
    {
        Assert.False(DurableFile.TryOpen(_folder.FilePath("no/such"), out var file, out var error));
        Assert.Null(file);
        Assert.Equal("No such file or directory", error.Text);
    }
}
