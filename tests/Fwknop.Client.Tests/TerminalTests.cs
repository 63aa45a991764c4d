using System.Globalization;
using Fwknop.TestSupport;

namespace Fwknop.Client.Tests;

/// <summary>The built program at a real terminal, made by <c>script</c> (client.md 8.4).</summary>
public sealed class TerminalTests
{
    private const string Prompt = "Enter encryption key: ";

    [Theory]
    [InlineData("secreT\x7ft\n", "rc=0.", "secret")]
    [InlineData("junk\x15secret\n", "rc=0.", "secret")]
    [InlineData("secret\x04", "rc=0.", "secret")]
    public void Typed_key_is_not_shown_and_echo_is_restored(string typed, string status, string key)
    {
        string shown = TypeAtPrompt(typed);
        Assert.Contains(status, shown, StringComparison.Ordinal);
        Assert.DoesNotContain(key, shown, StringComparison.Ordinal);
        Assert.Contains("terminal: isig icanon echo", shown, StringComparison.Ordinal);
        string packet = shown[(shown.IndexOf("Final SPA Data: ", StringComparison.Ordinal) + 16)..].Split('\r', '\n')[0];
        using Protocol.PacketKeys keys = ClientHarness.KeysOf(key, null);
        Assert.True(Protocol.SpaPacket.TryOpen(System.Text.Encoding.ASCII.GetBytes(packet), keys, out _, out Protocol.Rejection why), why.ToString());
    }

    [Fact]
    public void Ctrl_c_makes_no_packet_and_restores_echo()
    {
        string shown = TypeAtPrompt("secret\x03");
        Assert.Contains("[*] Interrupted, no SPA packet sent.", shown, StringComparison.Ordinal);
        Assert.Contains("rc=1.", shown, StringComparison.Ordinal);
        Assert.Contains("terminal: isig icanon echo", shown, StringComparison.Ordinal);
        Assert.DoesNotContain("SPA Data", shown, StringComparison.Ordinal);
    }

    [Fact]
    public void Signal_during_the_prompt_restores_echo()
    {
        string shown = TypeAtPrompt(typed: null);
        Assert.Contains("rc=143.", shown, StringComparison.Ordinal);
        Assert.Contains("terminal: isig icanon echo", shown, StringComparison.Ordinal);
    }

    /// <summary>Types when the prompt is there (null: sends SIGTERM instead) and returns what the terminal showed.</summary>
    private static string TypeAtPrompt(string? typed)
    {
        using TemporaryFolder folder = new();
        string keyboard = folder.FilePath("keyboard");
        string screen = folder.Write("screen", "");
        string process = folder.FilePath("pid");
        string program = Path.Combine(AppContext.BaseDirectory, "fwknop");
        string session = folder.Write("session", $"""
            stty sane
            bash -c 'echo $$ > {process}; exec {program} -T --no-rc-file -D h -s -A tcp/22'
            echo "rc=$?."
            echo "terminal:" $(stty -a | tr ' ;' '\n\n' | grep -xE -- '-?(isig|icanon|echo)')

            """);
        ProcessRun.RunChecked(new ProcessCommand("mkfifo", keyboard));
        using RunningProcess script = RunningProcess.Start(
            new ProcessCommand("bash", "-c", $"script -qefc 'bash {session}' {screen} < {keyboard}"));
        using FileStream keys = new(keyboard, FileMode.Open, FileAccess.Write, FileShare.ReadWrite, bufferSize: 0);
        Deadline.WaitUntil(() => Shown(screen).Contains(Prompt, StringComparison.Ordinal), TimeSpan.FromSeconds(20), "the prompt");
        if (typed is null)
        {
            int id = int.Parse(File.ReadAllText(process), CultureInfo.InvariantCulture);
            ProcessRun.RunChecked(new ProcessCommand("kill", "-TERM", id.ToString(CultureInfo.InvariantCulture)));
        }
        else
        {
            keys.Write(System.Text.Encoding.UTF8.GetBytes(typed));
        }

        Deadline.WaitUntil(() => Shown(screen).Contains("terminal: ", StringComparison.Ordinal), TimeSpan.FromSeconds(20), "the end of the session");
        script.WaitForExit();
        return Shown(screen);
    }

    private static string Shown(string screen)
    {
        using StreamReader reader = new(new FileStream(screen, FileMode.Open, FileAccess.Read, FileShare.ReadWrite));
        return reader.ReadToEnd();
    }
}
