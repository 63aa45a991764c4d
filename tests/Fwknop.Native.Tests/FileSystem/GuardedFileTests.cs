using Fwknop.Native.FileSystem;
using Fwknop.TestSupport;
using Microsoft.Win32.SafeHandles;

namespace Fwknop.Native.Tests.FileSystem;

/// <summary>What a user may put where a file of his is read by root.</summary>
public sealed class GuardedFileTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    [Fact]
    public void A_regular_file_is_opened()
    {
        using SafeFileHandle? file = GuardedFile.OpenRegular(_folder.Write("keys", "abc"), out _);

        byte[] bytes = new byte[4];
        Assert.Equal(3, RandomAccess.Read(file!, bytes, 0));
        Assert.Equal("abc"u8, bytes.AsSpan(0, 3));
    }

    [Fact]
    public void A_file_that_its_owner_has_locked_is_opened()
    {
        string path = _folder.Write("keys", "abc");
        using FileStream held = new(path, FileMode.Open, FileAccess.ReadWrite, FileShare.None);

        using SafeFileHandle? file = GuardedFile.OpenRegular(path, out _);

        Assert.NotNull(file);
    }

    [Fact]
    public void A_symbolic_link_is_refused()
    {
        File.CreateSymbolicLink(_folder.FilePath("link"), _folder.Write("keys", "abc"));

        Assert.Equal("It is a symbolic link, or not a regular file", ProblemOf(_folder.FilePath("link")));
    }

    /// <summary>With it, the owner of any folder of the path could choose among the files of that name that root can read.</summary>
    [Theory]
    [InlineData("link/keys", "link")]
    [InlineData("link/inner/keys", "link")]
    [InlineData("folder/inner/link/keys", "folder/inner/link")]
    [InlineData("link/../keys", "link")]
    [InlineData("link/missing", "link")]
    public void A_symbolic_link_in_the_path_is_refused(string path, string link)
    {
        Directory.CreateDirectory(_folder.FilePath("folder/inner"));
        _folder.Write("keys", "abc");
        _folder.Write("folder/keys", "abc");
        _folder.Write("folder/inner/keys", "abc");
        Directory.CreateSymbolicLink(_folder.FilePath(link), _folder.FilePath("folder"));

        Assert.Equal($"'{_folder.FilePath(link)}' in its path is a symbolic link; name the path without it", ProblemOf(_folder.FilePath(path)));
    }

    [Theory]
    [InlineData("folder/keys")]
    [InlineData("folder//./keys")]
    [InlineData("folder/../folder/keys")]
    public void A_path_of_folders_alone_leads_to_the_file(string path)
    {
        Directory.CreateDirectory(_folder.FilePath("folder"));
        _folder.Write("folder/keys", "abc");

        using SafeFileHandle? file = GuardedFile.OpenRegular(_folder.Path + "/" + path, out _);
        using SafeFileHandle? relative = GuardedFile.OpenRegular(Path.GetRelativePath(Environment.CurrentDirectory, _folder.Path) + "/" + path, out _);

        Assert.NotNull(file);
        Assert.NotNull(relative);
    }

    [Fact]
    public void A_file_in_the_place_of_a_folder_is_refused() => Assert.Equal("Not a directory", ProblemOf(_folder.Write("keys", "abc") + "/keys"));

    [Fact]
    public void A_second_name_of_a_file_is_refused()
    {
        ProcessRun.RunChecked(new ProcessCommand("ln", [_folder.Write("keys", "abc"), _folder.FilePath("twin")]));

        Assert.Equal("It has more than one name (hard links)", ProblemOf(_folder.FilePath("twin")));
    }

    [Fact]
    public void A_pipe_is_not_waited_for()
    {
        ProcessRun.RunChecked(new ProcessCommand("mkfifo", [_folder.FilePath("pipe")]));

        Assert.Equal("It is a symbolic link, or not a regular file", ProblemOf(_folder.FilePath("pipe")));
    }

    [Theory]
    [InlineData("/dev/zero")]
    [InlineData("/tmp")]
    public void What_is_no_file_is_refused(string path) => Assert.Equal("It is a symbolic link, or not a regular file", ProblemOf(path));

    [Fact]
    public void A_missing_file_is_named_so() => Assert.Equal("No such file or directory", ProblemOf(_folder.FilePath("missing")));

    public void Dispose() => _folder.Dispose();

    private static string ProblemOf(string path)
    {
        using SafeFileHandle? file = GuardedFile.OpenRegular(path, out string problem);
        Assert.Null(file);
        return problem;
    }
}
