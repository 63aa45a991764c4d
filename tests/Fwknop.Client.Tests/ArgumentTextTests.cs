using System.Text;
using Fwknop.Protocol;
using Fwknop.TestSupport;

namespace Fwknop.Client.Tests;

/// <summary>Arguments are bytes: none is altered on its way.</summary>
public sealed class ArgumentTextTests
{
    private static readonly string Program = ClientFile.Location;

    [Theory]
    [InlineData("caf\u00e9 \U0001F511 \uFFFD", new byte[0])]
    [InlineData("", new byte[] { 0xE9 })]
    [InlineData("caf", new byte[] { 0xE9, 0x80, 0xF0, 0x9F, 0x94 })]
    [InlineData("", new byte[] { 0xED, 0xB2, 0x80 })]
    public void Bytes_come_back(string text, byte[] more)
    {
        byte[] bytes = [.. Encoding.UTF8.GetBytes(text), .. more, .. "end"u8];
        string decoded = ArgumentText.Decode(bytes);
        Assert.Equal(bytes, ArgumentText.Encode(decoded));
        Assert.Equal(more.Length == 0, ArgumentText.IsUtf8(decoded));
    }

    [Fact]
    public void Arguments_are_the_last_words_of_the_process()
    {
        IReadOnlyList<string> restored = ArgumentText.Restore(["a", "", "\uFFFD"], Encoding.Latin1.GetBytes("dotnet\0fwknop.dll\0a\0\0\u00FF\0"), out string? problem);
        Assert.Equal(["a", "", "\uDCFF"], restored);
        Assert.Null(problem);
    }

    [Theory]
    [InlineData("")]
    [InlineData("\u00FF\0")]
    [InlineData("other\0\u00FF\0")]
    public void Words_that_do_not_fit_are_refused(string words)
    {
        ArgumentText.Restore(["a", "\uFFFD"], Encoding.Latin1.GetBytes(words), out string? problem);
        Assert.Equal("fwknop: an argument has bytes that are not valid UTF-8.", problem);
    }

    [Theory]
    [InlineData("")]
    [InlineData(" && rm packet && \"$0\" -l --no-rc-file")]
    public void Key_is_used_byte_for_byte(string next)
    {
        using TemporaryFolder folder = new();
        ProcessRun run = Shell(
            folder, $"\"$0\" -T --no-rc-file -D h -a 192.0.2.9 -A tcp/22 -B packet --key-rijndael \"$(printf 'caf\\351\\377')\"{next}");
        Assert.True(run.ExitCode == 0, run.Errors);
        Assert.True(EncryptionKey.TryFromBytes([.. "caf"u8, 0xE9, 0xFF], out EncryptionKey? key));
        using PacketKeys keys = new(key, null);
        byte[] packet = Encoding.ASCII.GetBytes(File.ReadAllText(folder.FilePath("packet")).TrimEnd());
        Assert.True(SpaPacket.TryOpen(packet, keys, out _, out Rejection why), why.ToString());
    }

    [Theory]
    [InlineData("-U \"$(printf 'a\\377')\"", "[*] The value of --spoof-user is not valid UTF-8.")]
    [InlineData("-G \"$(printf 'a\\377')\"", "[*] The value of --get-key is not valid UTF-8.")]
    [InlineData("--exec true \"$(printf 'a\\377')\"", "[*] A word of the command is not valid UTF-8.")]
    public void Text_that_is_not_utf8_is_refused(string argument, string error)
    {
        using TemporaryFolder folder = new();
        ProcessRun run = Shell(folder, $"exec \"$0\" --no-rc-file --no-save-args -D h -a 192.0.2.9 -A tcp/22 --key-rijndael k {argument}");
        Assert.Equal((1, error), (run.ExitCode, run.Errors));
    }

    private static ProcessRun Shell(TemporaryFolder folder, string script) => ProcessRun.Run(new ProcessCommand("sh", ["-c", script, Program])
    {
        WorkingDirectory = folder.Path,
        Environment = new Dictionary<string, string?> { ["HOME"] = folder.Path },
    });
}
