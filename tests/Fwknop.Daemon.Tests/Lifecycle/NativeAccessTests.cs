using Fwknop.Configuration;
using Fwknop.Configuration.Access;
using Fwknop.Configuration.Server;
using Fwknop.Daemon.Lifecycle;
using Fwknop.TestSupport;

namespace Fwknop.Daemon.Tests.Lifecycle;

/// <summary>Access files as fwknopd itself reads them.</summary>
public sealed class NativeAccessTests : IDisposable
{
    private const string Secret = "s3cretOfRoot";

    private readonly TemporaryFolder _folder = new();

    [RootTheory]
    [InlineData("a file of a user", "chown 65534 keys", null)]
    [InlineData("a link to a file that he may not read", "mv keys secret; ln -s secret keys", "It is a symbolic link, or not a regular file")]
    [InlineData("another name of such a file", "ln keys secret", "It has more than one name (hard links)")]
    [InlineData("a pipe that nobody writes to", "rm keys; mkfifo keys", "It is a symbolic link, or not a regular file")]
    [InlineData("a device", "rm keys; mknod keys c 1 5; chmod 600 keys", "It is a symbolic link, or not a regular file")]
    [InlineData("a folder", "rm keys; mkdir keys", "It is a symbolic link, or not a regular file")]
    [InlineData("nothing", "rm keys", "No such file or directory")]
    [InlineData("a file that all may read", "chmod 644 keys", "It holds keys and is open to other users (mode 0644). Use mode 0600")]
    public void A_user_gains_nothing_by_what_he_puts_in_the_place_of_his_keys(string what, string commands, string? problem)
    {
        string keys = _folder.Write("keys", $"KEY {Secret}\n");
        ProcessRun.RunChecked(new ProcessCommand("sh", ["-ec", $"cd {_folder.Path}; {commands}"]));

        Loaded<AccessPolicy> loaded = Load($"SOURCE 10.0.0.1\n%include_keys {keys}\nSOURCE 10.0.0.2\nKEY other\n");

        using AccessPolicy policy = loaded.Value!;
        Assert.Equal((what, problem is null ? 2 : 1), (what, policy.Stanzas.Count));
        Assert.Equal(problem is not null, loaded.Diagnostics.Any(item => item.Text == $"[*] Key file '{keys}' cannot be used: {problem}"));
        Assert.Equal(problem is not null, loaded.Diagnostics.Any(item => item.Text == $"[*] Data error in included keyfile: '{keys}', skipping stanza."));
        Assert.All(loaded.Diagnostics, item => Assert.DoesNotContain(Secret, item.Text, StringComparison.Ordinal));
    }

    [Fact]
    public void Accounts_are_those_of_the_system()
    {
        Loaded<AccessPolicy> loaded = Load(
            "SOURCE ANY\nKEY k\nCMD_EXEC_USER root\nCMD_SUDO_EXEC_GROUP root\nCMD_EXEC_GROUP no-such-group\nCMD_SUDO_EXEC_USER no-such-user\n");

        Assert.Equal(
            ["[*] Unable to determine GID for CMD_EXEC_GROUP: Not a group on this system.", "[*] Unable to determine UID for CMD_SUDO_EXEC_USER: Not a user on this system."],
            loaded.Diagnostics.Where(item => item.Severity == ConfigSeverity.Error).Select(item => item.Text));
    }

    [Fact]
    public void An_included_pipe_is_not_waited_for()
    {
        ProcessRun.RunChecked(new ProcessCommand("mkfifo", [_folder.FilePath("pipe")]));

        Loaded<AccessPolicy> loaded = Load($"%include {_folder.FilePath("pipe")}\n");

        Assert.Contains($"[-] file: {_folder.FilePath("pipe")} is not a regular file or symbolic link.", loaded.Diagnostics.Select(item => item.Text));
    }

    [RootFact]
    public void A_file_of_a_user_is_not_included()
    {
        string path = _folder.Write("people/a.conf", "SOURCE ANY\nKEY k\n");
        ProcessRun.RunChecked(new ProcessCommand("chown", ["65534", path]));
        string expected = $"[*] Access file: '{path}' belongs to another user, who could let himself in. Use chown root, or %include_keys for keys alone";

        Assert.Contains(expected, Load($"%include {path}\n").Diagnostics.Select(item => item.Text));
        Assert.Contains(expected, AccessFile.Load(new ServerConfig { AccessFolder = _folder.FilePath("people") }, NativeAccess.System).Diagnostics.Select(item => item.Text));

        // Named itself it gets the warning of the reference (server.md 2.2).
        Loaded<AccessPolicy> named = AccessFile.Load(new ServerConfig { AccessFile = path }, NativeAccess.System);
        Assert.Contains($"[-] file: {path} not owned by current effective user id", named.Diagnostics.Select(item => item.Text));
        named.Value!.Dispose();
    }

    public void Dispose() => _folder.Dispose();

    private Loaded<AccessPolicy> Load(string text) =>
        AccessFile.Load(new ServerConfig { AccessFile = _folder.Write("access.conf", text) }, NativeAccess.System);
}
