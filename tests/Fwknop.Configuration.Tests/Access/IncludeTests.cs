using Fwknop.Configuration.Access;
using Fwknop.Configuration.Server;

namespace Fwknop.Configuration.Tests.Access;

/// <summary>Files that access files lead to, server.md 4.1.</summary>
public class IncludeTests
{
    private const string Rest = "KEY abc\nHMAC_KEY def\nREQUIRE_SOURCE Y\n";

    [Fact]
    public void AStanzaGoesOnAfterAnInclude()
    {
        Loaded<AccessPolicy> loaded = MemoryFiles.Parse(
            ("a", $"SOURCE 10.0.0.1\n{Rest}%include b\nOPEN_PORTS tcp/1\nSOURCE 10.0.0.3\n{Rest}"),
            ("b", $"OPEN_PORTS tcp/9\nSOURCE 10.0.0.2\n{Rest}OPEN_PORTS tcp/2\n"));

        Assert.Equal("[*] OPEN_PORTS stands before the first SOURCE and has no effect (b, line 1, included from a, line 5)", Assert.Single(loaded.Diagnostics).ToString());
        Assert.Equal(
            ["1 a:1 10.0.0.1 tcp/1", "2 b:2 10.0.0.2 tcp/2", "3 a:7 10.0.0.3 "],
            loaded.Value!.Stanzas.Select(stanza => $"{stanza.Number} {stanza.File}:{stanza.Line} {stanza.Source} {stanza.OpenPorts}"));
    }

    [Fact]
    public void AFileMayHoldNothingButIncludes() =>
        Assert.Equal(2, MemoryFiles.Parse(("a", "%include b\n%include c\n"), ("b", "SOURCE ANY\n" + Rest), ("c", "SOURCE ANY\n" + Rest)).Value!.Stanzas.Count);

    [Fact]
    public void ErrorsAreNamedThroughAllLevels()
    {
        Loaded<AccessPolicy> loaded = MemoryFiles.Parse(
            ("a", "SOURCE ANY\n%include b\nKEY __CHANGEME__\n"),
            ("b", "\n%include c\nSOURCE x\nKEY k\nREQUIRE_SOURCE Y\n"),
            ("c", $"SOURCE ANY\n{Rest}OPEN_PORTS x\nFOO\n"));

        Assert.Equal(
            [
                "[*] KEY value is not properly set in stanza source 'ANY' in access file: 'a' (a, line 3)",
                "[*] Fatal error parsing IP to int for: x (b, line 3, included from a, line 2)",
                "[*] Fatal invalid SOURCE in access stanza (b, line 3, included from a, line 2)",
                "[*] Parse error on access port entry: x (c, line 5, included from b, line 2, included from a, line 2)",
                "[*] Fatal invalid OPEN_PORTS in access stanza (c, line 5, included from b, line 2, included from a, line 2)",
                "[*] Invalid access file entry in c at line 6. (included from b, line 2, included from a, line 2)",
            ],
            loaded.Diagnostics.Where(item => item.Severity == ConfigSeverity.Error && !item.Text.Contains("Data error", StringComparison.Ordinal)).Select(item => item.ToString()));
    }

    [Theory]
    [InlineData("%include {0}")]
    [InlineData("%include_folder f")]
    public void CyclesEndAtTheThirdLevel(string line)
    {
        string text = $"SOURCE ANY\n{Rest}{line}\n".Replace("{0}", "f/a.conf", StringComparison.Ordinal);

        Loaded<AccessPolicy> loaded = MemoryFiles.Parse(("f/a.conf", text));

        Assert.Equal(
            "[*] Refusing to go deeper than 3 levels. Lost in Limbo: 'f/a.conf' (f/a.conf, line 5, included from f/a.conf, line 5, included from f/a.conf, line 5)",
            Assert.Single(loaded.Diagnostics).ToString());
    }

    [Fact]
    public void ThreeLevelsAreRead() => Assert.Equal(
        ["10.0.0.1"],
        MemoryFiles.Parse(("a", "%include b\n"), ("b", "%include c\n"), ("c", "SOURCE 10.0.0.1\n" + Rest)).Value!.Stanzas.Select(stanza => stanza.Source.Text));

    [Fact]
    public void AFileThatIncludesItselfManyTimesIsNotReadForEver()
    {
        string text = new string('#', 1 << 20) + "\n" + string.Concat(Enumerable.Repeat("%include a\n", 20));

        Assert.Single(
            MemoryFiles.Parse(("a", text)).Diagnostics,
            item => item.Text == "[*] The access files together are longer than 16 MiB; the rest is not read.");
    }

    [Fact]
    public void TheFilesOfAFolderAreReadByName()
    {
        using TemporaryFolder folder = new();
        foreach (string name in (string[])["b.conf", "a.conf", "c.conf~", "d.config", "e.x.conf", "f.conf.bak", "g.txt", "conf"])
        {
            folder.Write(name, $"SOURCE ANY\nREQUIRE_USERNAME {name}\n{Rest}");
        }

        Directory.CreateDirectory(folder.PathOf("z.conf"));

        Loaded<AccessPolicy> included = AccessFileTests.Load(folder.Write("root", $"%include_folder {folder.PathOf("")}\n"));
        Loaded<AccessPolicy> configured = LoadFolder(folder.PathOf(""), isFromCommandLine: false);

        string[] expected = ["a.conf", "b.conf", "c.conf~", "d.config", "e.x.conf"];
        Assert.Equal(expected, included.Value!.Stanzas.Select(stanza => stanza.RequireUsername));
        Assert.Equal(expected, configured.Value!.Stanzas.Select(stanza => stanza.RequireUsername));
        Assert.Equal($"[*] Folder '{folder.PathOf("z.conf")}' is not read", Assert.Single(configured.Diagnostics).Text);
    }

    [Fact]
    public void ListsOfAFolderAreReadOnce()
    {
        using TemporaryFolder folder = new();
        folder.Write("a.conf", $"SOURCE ANY\n{Rest}OPEN_PORTS tcp/22\n");
        folder.Write("b.conf", $"SOURCE ANY\n{Rest}");

        AccessStanza first = LoadFolder(folder.PathOf(""), isFromCommandLine: true).Value!.Stanzas[0];

        // server.md 13, Q1: the reference allows tcp/22,tcp/9999 here.
        Assert.True(first.AllowsPorts([Protocol.PortSpec.Tcp(22)]));
        Assert.False(first.AllowsPorts([Protocol.PortSpec.Tcp(22), Protocol.PortSpec.Tcp(9999)]));
    }

    [Fact]
    public void AFolderOfTheCommandLineMustBeOne()
    {
        using TemporaryFolder folder = new();
        string file = folder.Write("file", Rest);
        string link = folder.PathOf("link");
        Directory.CreateSymbolicLink(link, folder.PathOf(""));
        string missing = folder.PathOf("missing");
        string Refusal(string path) => $"[*] Invalid access folder directory '{path}' could not lstat(), does not exist, or too large?";

        Assert.Equal([Refusal(file)], Texts(LoadFolder(file, isFromCommandLine: true)));
        Assert.Equal([Refusal(link)], Texts(LoadFolder(link, isFromCommandLine: true)));
        Assert.Equal([$"[-] unable to lstat() path: {missing}: No such file or directory", Refusal(missing)], Texts(LoadFolder(missing, isFromCommandLine: true)));
        Assert.Equal([$"[*] Access folder: '{missing}' could not be opened."], Texts(LoadFolder(missing, isFromCommandLine: false)));
    }

    [Fact]
    public void AnEmptyFolderHasNoStanza()
    {
        using TemporaryFolder folder = new();

        Assert.Equal(["Fatal, could not find any valid access.conf stanzas"], Texts(LoadFolder(folder.PathOf(""), isFromCommandLine: true)));
    }

    [Fact]
    public void AFolderThatOthersMayChangeIsRefused()
    {
        using TemporaryFolder folder = new();
        folder.Write("a.conf", $"SOURCE ANY\n{Rest}");
        File.SetUnixFileMode(folder.PathOf(""), (UnixFileMode)0b111_111_111);

        string path = folder.PathOf("");
        Assert.Equal([$"[*] Access folder: '{path}' can be changed by other users (mode 0777). Use mode 0700: chmod 700 {path}"], Texts(LoadFolder(path, isFromCommandLine: true)));
    }

    [Fact]
    public void IncludedFilesAreCheckedAsTheirRootIs()
    {
        using TemporaryFolder folder = new();
        string open = folder.Write("open", $"SOURCE ANY\n{Rest}", (UnixFileMode)0b110_100_100);
        string root = folder.Write("root", $"\n%include {open}\n%include {folder.PathOf("missing")}\n%include {folder.PathOf("")}\n");

        Assert.Equal(
            [
                $"[*] Access file: '{open}' holds keys and is open to other users (mode 0644). Use mode 0600: chmod 600 {open} ({root}, line 2)",
                $"[*] Could not open access file: {folder.PathOf("missing")}: No such file or directory ({root}, line 3)",
                $"[-] file: {folder.PathOf("")} is not a regular file or symbolic link. ({root}, line 4)",
            ],
            AccessFileTests.Load(root).Diagnostics.Select(item => item.ToString()));
    }

    private static Loaded<AccessPolicy> LoadFolder(string path, bool isFromCommandLine) => AccessFile.Load(
        new ServerConfig { AccessFolder = path.TrimEnd('/'), IsAccessFolderFromCommandLine = isFromCommandLine }, new AccessSystem(), TimeZoneInfo.Utc);

    private static IEnumerable<string> Texts(Loaded<AccessPolicy> loaded) => loaded.Diagnostics.Select(item => item.Text);
}
