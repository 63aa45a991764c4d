using System.Globalization;
using Fwknop.TestSupport;

namespace Fwknop.Client.Tests;

/// <summary>The built program at a real terminal, made by <c>script</c> (client.md 8.4).</summary>
public sealed class TerminalTests
{
    private const string Prompt = "Enter encryption key: ";

    // The client by calls of the C library, and by the base library alone (see PortableProgram).
    private const string OnLinux = "fwknop";
    private const string Elsewhere = "Fwknop.Client.Tests";

    [Theory]
    [InlineData(OnLinux, "secreT\x7ft\n", "secret")]
    [InlineData(OnLinux, "junk\x15secret\n", "secret")]
    [InlineData(OnLinux, "secret\x04", "secret")]
    [InlineData(Elsewhere, "secreT\x7ft\n", "secret")]
    [InlineData(Elsewhere, "junk\x15secret\r", "secret")]
    [InlineData(Elsewhere, "secret\x04", "secret")]
    [InlineData(Elsewhere, "schl\u00fcssel\u20ac\U0001f511\u00e4\x7f\n", "schl\u00fcssel\u20ac\U0001f511")]
    public void Typed_key_is_not_shown_and_echo_is_restored(string program, string typed, string key)
    {
        string shown = TypeAtPrompt(program, typed);
        Assert.Contains("rc=0.", shown, StringComparison.Ordinal);
        Assert.DoesNotContain(key, shown, StringComparison.Ordinal);
        Assert.Contains("terminal: isig icanon echo", shown, StringComparison.Ordinal);
        string packet = shown[(shown.IndexOf("Final SPA Data: ", StringComparison.Ordinal) + 16)..].Split('\r', '\n')[0];
        using Protocol.PacketKeys keys = ClientHarness.KeysOf(key, null);
        Assert.True(Protocol.SpaPacket.TryOpen(System.Text.Encoding.ASCII.GetBytes(packet), keys, out _, out Protocol.Rejection why), why.ToString());
    }

    [Theory]
    [InlineData(OnLinux)]
    [InlineData(Elsewhere)]
    public void Ctrl_c_makes_no_packet_and_restores_echo(string program)
    {
        string shown = TypeAtPrompt(program, "secret\x03");
        Assert.Contains("[*] Interrupted, no SPA packet sent.", shown, StringComparison.Ordinal);
        Assert.Contains("rc=1.", shown, StringComparison.Ordinal);
        Assert.Contains("terminal: isig icanon echo", shown, StringComparison.Ordinal);
        Assert.DoesNotContain("SPA Data", shown, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(OnLinux)]
    [InlineData(Elsewhere)]
    public void Signal_during_the_prompt_restores_echo(string program)
    {
        string shown = TypeAtPrompt(program, typed: null);
        Assert.Contains("rc=143.", shown, StringComparison.Ordinal);
        Assert.Contains("terminal: isig icanon echo", shown, StringComparison.Ordinal);
    }

    /// <summary>Types when the prompt is there (null: sends SIGTERM instead) and returns what the terminal showed.</summary>
    private static string TypeAtPrompt(string programName, string? typed)
    {
        using TemporaryFolder folder = new();
        string keyboard = folder.FilePath("keyboard");
        string screen = folder.Write("screen", "");
        string process = folder.FilePath("pid");
        string file = Path.Combine(AppContext.BaseDirectory, programName);
        string program = programName == Elsewhere ? $"dotnet {file}.dll" : file;
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
