using System.Globalization;
using Fwknop.TestSupport;

namespace Fwknop.Client.Tests;

/// <summary>
/// What programs that the client starts take over from it. It is started with descriptor 9 for the rc file (--rc-file), 8 for keys (--fd),
/// 6 for a key file and 7 for nothing of its own.
/// </summary>
public sealed class InheritanceTests(GpgKeys gpg) : IClassFixture<GpgKeys>, IDisposable
{
    private const string Ordinary = "--rc-file /dev/fd/9 --no-save-args -D 127.0.0.1 -A udp/53";
    private const string GpgOrdinary = "--gpg-recipient-key server@ --gpg-signer-key client@ --gpg-no-signing-pw --gpg-home-dir";

    // A signal's bit in the masks of /proc/PID/status.
    private const ulong BrokenPipe = 1 << 12;

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("the program of a key", "67", "KEY_CMD @show", "-s --fd 8")]
    [InlineData("the program of a key, the other one in a file", "78", "KEY_CMD @show", "-s --get-hmac-key /dev/fd/6")]
    [InlineData("the program of an address", "", "KEY k", "-R -w @show --fd 8")]
    [InlineData("gpg", "", "HMAC_KEY h", "-s --gpg-recipient-key x --gpg-exe @show")]
    [InlineData("a command", "67", "KEY k", "-s --fd 8 --exec @show")]
    [InlineData("a command while packets are repeated", "67", "KEY k", "-s --fd 8 --repeat 60 --exec @show")]
    [InlineData("a command after the program of a key", "67", "KEY_CMD \"echo k\"", "-s --fd 8 --exec @show")]
    public void Descriptors(string program, string expected, string rc, string options) =>
        Assert.Equal((program, expected), (program, Started(rc, options).Descriptors));

    [GpgTheory]
    [InlineData("")]
    [InlineData(" --repeat 60")]
    public void Descriptors_of_a_command_after_gpg(string repeat) =>
        Assert.Equal("67", Started("GPG_EXE /usr/bin/gpg", $"-s --fd 8 --use-hmac {GpgOrdinary} {gpg.Home.Path}{repeat} --exec @show").Descriptors);

    [Theory]
    [InlineData("KEY_CMD @show", "-s --fd 8")]
    [InlineData("KEY k", "-R -w @show --fd 8")]
    [InlineData("HMAC_KEY h", "-s --gpg-recipient-key x --gpg-exe @show")]
    [InlineData("KEY k", "-s --fd 8 --exec @show")]
    [InlineData("KEY k", "-s --fd 8 --repeat 60 --exec @show")]
    public void Limits_and_signals(string rc, string options)
    {
        Inheritance started = Started(rc, options);
        Assert.Equal((777, 0ul), (started.OpenFiles, started.Ignored & BrokenPipe));
    }

    [Theory]
    [InlineData("as the parent's", "ulimit -Sn 2000; @client", 2000)]
    [InlineData("less than this program needs", "ulimit -Sn 60; @client", 256)]
    [InlineData("set on the way, to an unknown number", "ulimit -n 3000; exec @client", 1024)]
    [InlineData("no more than is allowed", "ulimit -n 600; exec @client", 600)]
    public void Limit_of_open_files(string what, string line, int expected) =>
        Assert.Equal((what, expected), (what, Started("KEY k", "-s --fd 8 --exec @show", line).OpenFiles));

    [Fact]
    public void A_descriptor_is_read_to_its_keys_all_the_same()
    {
        // Both keys, the second one after a program was run.
        string packet = _folder.FilePath("packet");
        Started("KEY_CMD @show", $"-s --fd 8 -B {packet}");
        using Protocol.PacketKeys keys = ClientHarness.KeysOf("shown", "secret");
        byte[] bytes = [.. File.ReadAllBytes(packet).TakeWhile(letter => letter != '\n')];
        Assert.True(Protocol.SpaPacket.TryOpen(bytes, keys, out _, out Protocol.Rejection why), why.ToString());
    }

    private Inheritance Started(string rc, string options, string line = "ulimit -Sn 777; @client")
    {
        string seen = _folder.FilePath("seen");

        // 10 and up are the shell's own.
        string show = _folder.WriteProgram("show", $"""
            #!/bin/sh
            for n in 3 4 5 6 7 8 9; do [ ! -e /proc/$$/fd/$n ] || printf %s $n; done > {seen}
            echo >> {seen}
            grep SigIgn /proc/$$/status >> {seen}
            ulimit -Sn >> {seen}
            echo shown
            """);
        string file = _folder.Write("rc", $"[default]\nUSE_HMAC Y\n{Expand(rc)}\n");
        string keys = _folder.Write("keys", "secret\n");
        string client = $"{ClientFile.Location} {Ordinary} {Expand(options)}";
        string script = _folder.Write("run", $"exec 6<{keys} 7</dev/null 8<{keys} 9<{file}\n{line.Replace("@client", client, StringComparison.Ordinal)}\nexit\n");
        ProcessRun run = ProcessRun.Run("bash", script);
        Assert.True(File.Exists(seen), run.ToString());
        string[] lines = File.ReadAllLines(seen);
        return new Inheritance(
            lines[0],
            ulong.Parse(lines[1].Split('\t')[1], NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture),
            int.Parse(lines[2], CultureInfo.InvariantCulture));

        string Expand(string text) => text.Replace("@show", show, StringComparison.Ordinal);
    }

    /// <param name="Descriptors">The numbers from 3 to 9 that are open, in order.</param>
    /// <param name="Ignored">The mask of ignored signals.</param>
    /// <param name="OpenFiles">The soft limit.</param>
    private sealed record Inheritance(string Descriptors, ulong Ignored, int OpenFiles);
}
