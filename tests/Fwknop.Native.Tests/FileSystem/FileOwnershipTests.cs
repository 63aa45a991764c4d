using Fwknop.Native.FileSystem;
using Fwknop.Native.Libc;

namespace Fwknop.Native.Tests.FileSystem;

public sealed class FileOwnershipTests
{
    [Fact]
    public void Own_file_is_told_by_mode_kind_and_owner()
    {
        string path = Path.GetTempFileName();
        try
        {
            File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.GroupExecute);
            Assert.True(FileOwnership.TryGet(path, out FileOwnership file, out Errno error));
            Assert.Equal(
                (UnixFileMode.UserRead | UnixFileMode.GroupExecute, true, true, Errno.None), (file.Mode, file.IsRegular, file.IsOurs, error));
        }
        finally
        {
            File.Delete(path);
        }
    }

    [Theory]
    [InlineData("/dev/null")]
    [InlineData("/")]
    [InlineData("/proc/self/cwd")]
    public void What_is_no_file_is_not_regular(string path)
    {
        Assert.True(FileOwnership.TryGet(path, out FileOwnership file, out _));
        Assert.False(file.IsRegular);
    }

    [Theory]
    [InlineData("/nowhere", true)]
    [InlineData("/dev/null/file", false)]
    public void What_is_missing_has_a_reason(string path, bool isNoSuchFile)
    {
        Assert.False(FileOwnership.TryGet(path, out _, out Errno error));
        Assert.Equal(isNoSuchFile, error.IsNoSuchFile);
        Assert.NotEqual(Errno.None, error);
    }
}
