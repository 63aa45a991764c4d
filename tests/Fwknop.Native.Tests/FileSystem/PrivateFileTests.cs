using Fwknop.Native.FileSystem;
using Fwknop.TestSupport;

namespace Fwknop.Native.Tests.FileSystem;

public sealed class PrivateFileTests : IDisposable
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;
    private const UnixFileMode ForAll = OwnerOnly | UnixFileMode.GroupRead | UnixFileMode.OtherRead;

    private readonly string _folder = Directory.CreateTempSubdirectory("fwknop-private-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void A_new_file_is_for_its_owner()
    {
        string path = PathOf("new");
        Write(PrivateFile.Replace(path), "keys");
        Assert.Equal((OwnerOnly, "keys"), (File.GetUnixFileMode(path), File.ReadAllText(path)));
    }

    [Fact]
    public void Who_has_an_old_file_open_does_not_read_the_new_one()
    {
        string path = Old("old");
        using FileStream reader = new(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        Write(PrivateFile.Replace(path), "keys");
        Assert.Equal((OwnerOnly, "keys"), (File.GetUnixFileMode(path), File.ReadAllText(path)));
        Assert.Equal("a longer old text", new StreamReader(reader).ReadToEnd());
    }

    [Fact]
    public void A_link_stays_and_leads_to_a_file_that_is_shut_and_emptied()
    {
        string target = Old("target");
        string link = PathOf("link");
        File.CreateSymbolicLink(link, target);
        Write(PrivateFile.Replace(link), "keys");
        Assert.Equal(target, new FileInfo(link).LinkTarget);
        Assert.Equal((OwnerOnly, "keys"), (File.GetUnixFileMode(target), File.ReadAllText(target)));
    }

    [Fact]
    public void A_device_is_left_as_it_is()
    {
        UnixFileMode before = File.GetUnixFileMode("/dev/null");
        Write(PrivateFile.Replace("/dev/null"), "keys");
        Assert.Equal(before, File.GetUnixFileMode("/dev/null"));
    }

    [Fact]
    public void A_file_that_must_be_new_is_not_opened() => Assert.Throws<IOException>(() => PrivateFile.CreateNew(Old("old")));

    [Fact]
    public void Appending_keeps_what_is_there()
    {
        string path = Old("old");
        Write(PrivateFile.Append(path), " and more");
        Assert.Equal("a longer old text and more", File.ReadAllText(path));
    }

    [RootTheory("chown", "mkfifo")]
    [InlineData("file")]
    [InlineData("pipe")]
    public void What_somebody_else_put_there_gets_nothing(string kind)
    {
        string target = kind == "file" ? Old("target") : PathOf("pipe");
        if (kind == "pipe")
        {
            ProcessRun.RunChecked(new ProcessCommand("mkfifo", target));
        }

        ProcessRun.RunChecked(new ProcessCommand("chown", "12345", target));
        string link = PathOf("link");
        File.CreateSymbolicLink(link, target);
        string[] paths = kind == "file" ? [link] : [link, target];
        foreach (string path in paths)
        {
            Assert.Throws<IOException>(() => PrivateFile.Replace(path));
            Assert.Throws<IOException>(() => PrivateFile.Append(path));
        }

        Assert.Throws<IOException>(() => PrivateFile.Overwrite(link));
        Assert.True(kind == "pipe" || File.ReadAllText(target) == "a longer old text");
    }

    private string PathOf(string name) => Path.Combine(_folder, name);

    private string Old(string name)
    {
        File.WriteAllText(PathOf(name), "a longer old text");
        File.SetUnixFileMode(PathOf(name), ForAll);
        return PathOf(name);
    }

    private static void Write(FileStream file, string text)
    {
        using (file)
        {
            file.Write(System.Text.Encoding.ASCII.GetBytes(text));
        }
    }
}
