using System.Net;
using System.Net.Sockets;
using System.Text;
using Fwknop.Protocol;
using Fwknop.TestSupport;

namespace Fwknop.EndToEnd.Tests;

/// <summary>
/// The client's builds for other systems: the portable one with the .NET of this machine, the one for Windows with wine. Old versions of
/// wine cannot map precompiled code out of a single file (no placeholders in VirtualAlloc2), so it is compiled at run time there.
/// </summary>
public sealed class OtherBuildTests : IDisposable
{
    private const string Portable = "portable/fwknop.dll";
    private const string Windows = "windows/fwknop.exe";

    private static readonly SharedKeys Keys = SharedKeys.Random();
    private static readonly TimeSpan TimeToStart = TimeSpan.FromMinutes(2);

    private readonly TemporaryFolder _home = new();

    public void Dispose()
    {
        string drives = _home.FilePath("wine/dosdevices");
        if (Directory.Exists(drives))
        {
            ProcessRun.Run(new ProcessCommand("wineserver", "--kill", "--wait") { Environment = Environment(Windows) });

            // Links to all of this machine's files.
            foreach (string link in Directory.GetFileSystemEntries(drives))
            {
                File.Delete(link);
            }
        }

        _home.Dispose();
    }

    [OtherBuildFact(Portable, "dotnet")]
    public void Portable_build()
    {
        const string file = Portable;
        KnockIsOpened(file);
        ProcessRun run = Run(file, "-T", "-D", "192.0.2.1", "-s", "-A", "tcp/22", "--no-save-args");
        Assert.Contains($"[*] Creating initial rc file: {_home.FilePath(".fwknoprc")}.", run.Output, StringComparison.Ordinal);
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(_home.FilePath(".fwknoprc")));
    }

    [OtherBuildFact(Windows, "wine")]
    public void Windows_build()
    {
        const string file = Windows;
        KnockIsOpened(file);
        string rc = _home.Write("rc", "[default]\n");
        Assert.Equal("", List(file, rc).Errors);
        File.SetUnixFileMode(rc, File.GetUnixFileMode(rc) | UnixFileMode.OtherRead);
        Assert.Contains("(others may use it: S-1-1-0)", List(file, rc).Errors, StringComparison.Ordinal);
    }

    private void KnockIsOpened(string file)
    {
        Assert.Equal(0, Run(file, "-V").ExitCode);
        Assert.Matches("^KEY_BASE64: [^\n]{44}\nHMAC_KEY_BASE64: [^\n]{88}$", Run(file, "-k").Output.Replace("\r", "", StringComparison.Ordinal).TrimEnd());

        using Socket server = new(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp) { ReceiveTimeout = 10_000 };
        server.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        string port = $"{((IPEndPoint)server.LocalEndPoint!).Port}";
        ProcessRun run = Run(
            file, ["--no-rc-file", "--no-save-args", "-D", "127.0.0.1", "-p", port, "-a", "192.0.2.9", "-A", "tcp/22", .. Keys.ClientArguments]);
        Assert.Equal((0, "", ""), (run.ExitCode, run.Output, run.Errors));

        byte[] packet = new byte[2048];
        int length = server.Receive(packet);
        Assert.True(EncryptionKey.TryFromBase64(Encoding.ASCII.GetBytes(Keys.Key), out EncryptionKey? key));
        Assert.True(HmacKey.TryFromBase64(Encoding.ASCII.GetBytes(Keys.HmacKey!), out HmacKey? hmac));
        using PacketKeys keys = new(key, hmac);
        Assert.True(SpaPacket.TryOpen(packet.AsSpan(0, length), keys, out AuthenticMessage? message, out Rejection why), why.ToString());
        Assert.Equal("192.0.2.9,tcp/22", message.Message.Message.ToString());
    }

    private ProcessRun List(string file, string rc) => Run(file, "--rc-file", $"Z:{rc}", "--stanza-list");

    private ProcessRun Run(string file, params string[] arguments) => ProcessRun.Run(
        new ProcessCommand(file == Windows ? "wine" : "dotnet", [Path.Combine(Programs.Folder, file), .. arguments])
        {
            Environment = Environment(file),
        },
        TimeToStart);

    private Dictionary<string, string?> Environment(string file) => new()
    {
        ["HOME"] = _home.Path,
        ["LOGNAME"] = "tester",
        ["SPOOF_USER"] = null,
        ["WINEPREFIX"] = _home.FilePath("wine"),
        ["WINEDEBUG"] = "-all",
        ["WINEDLLOVERRIDES"] = "mscoree,mshtml=",
        ["DOTNET_ReadyToRun"] = file == Windows ? "0" : null,
    };
}
