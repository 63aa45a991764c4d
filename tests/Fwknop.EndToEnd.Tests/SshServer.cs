using System.Net;
using Fwknop.TestSupport;

namespace Fwknop.EndToEnd.Tests;

/// <summary>A real sshd in a namespace, independent of the machine's own (no /run/sshd, a locked root account), and what its client needs.</summary>
internal sealed class SshServer : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly RunningProcess _process;

    public SshServer(NetworkNamespace space, IPAddress address)
    {
        MakeKey("host_key");
        MakeKey("user_key");
        string[] words = File.ReadAllText(_folder.FilePath("host_key.pub")).Split(' ');
        _folder.Write("known_hosts", $"{address} {words[0]} {words[1]}\n");
        _folder.Write("shadow", "root:*:19000:0:99999:7:::\n");
        string configuration = _folder.Write("sshd_config", $"""
            ListenAddress {new IPEndPoint(address, 22)}
            HostKey {_folder.FilePath("host_key")}
            AuthorizedKeysFile {_folder.FilePath("user_key.pub")}
            PidFile none
            PermitRootLogin prohibit-password
            PasswordAuthentication no
            KbdInteractiveAuthentication no
            UsePAM no
            StrictModes no

            """);
        _process = space.Start("bash", "-c", """
            mount -t tmpfs -o mode=755 tmpfs /run && mkdir -p /run/sshd && mount --bind "$1" /etc/shadow && exec /usr/sbin/sshd -D -e -f "$2"
            """, "bash", _folder.FilePath("shadow"), configuration);
        _process.WaitForLine("Server listening");
    }

    /// <summary>Lines for a client's configuration, for all hosts.</summary>
    public string ClientConfiguration => $"""
        Host *
            User root
            IdentityFile {_folder.FilePath("user_key")}
            IdentitiesOnly yes
            UserKnownHostsFile {_folder.FilePath("known_hosts")}
            GlobalKnownHostsFile /dev/null
            BatchMode yes

        """;

    public void Dispose()
    {
        _process.Dispose();
        _folder.Dispose();
    }

    private void MakeKey(string name) =>
        ProcessRun.RunChecked(new ProcessCommand("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", _folder.FilePath(name)));
}
