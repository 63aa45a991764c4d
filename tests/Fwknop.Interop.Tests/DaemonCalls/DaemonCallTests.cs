using System.Text.Json;
using System.Text.RegularExpressions;
using Fwknop.TestSupport;

namespace Fwknop.Interop.Tests;

/// <summary>
/// The reference daemon and this one with the same command lines, side by side. What differs on purpose stands with its reason in
/// <c>calls.json</c>; a difference that is not there fails, and so does a listed one that no longer exists.
/// </summary>
public sealed class DaemonCallTests
{
    private static readonly string DataFile = Path.Combine(RepositoryRoot.Path, "tests/Fwknop.Interop.Tests/DaemonCalls/calls.json");

    private static readonly (string Pattern, string Mask)[] Masks =
    [
        (@"(fwknopd server (version )?)[0-9.]+", "$1<version>"),
        (@"(?m) \((command line|[a-z]+\.conf(, line [0-9]+)?)\)$", ""),
        (@"(?m)^/[^ ]*fwknopd: ", "fwknopd: "),
        (@"(?m)^(fwknopd: .*)\n\1\n\1$", "$1"),
        (@"(?s)(?<=\nSingle Packet Authorization server).*", ""),
    ];

    public static TheoryData<string> Names()
    {
        TheoryData<string> names = [];
        foreach (JsonElement call in Calls())
        {
            names.Add(call.GetProperty("name").GetString()!);
        }

        return names;
    }

    [InteropTheory]
    [MemberData(nameof(Names))]
    public void Same_output_error_output_and_status(string name)
    {
        JsonElement call = Calls().Single(call => call.GetProperty("name").GetString() == name);
        ProcessRun theirs = Run(Reference.DaemonProgram, call);
        ProcessRun ours = Run(Programs.Daemon, call);
        if (!call.TryGetProperty("difference", out JsonElement difference))
        {
            Assert.Equal(theirs, ours);
            return;
        }

        Assert.False(string.IsNullOrWhiteSpace(difference.GetProperty("reason").GetString()));
        Assert.NotEqual(theirs, ours);
        ProcessRun expected = new(
            difference.TryGetProperty("status", out JsonElement status) ? status.GetInt32() : theirs.ExitCode,
            difference.TryGetProperty("stdout", out JsonElement stdout) ? stdout.GetString()! : theirs.Output,
            difference.TryGetProperty("stderr", out JsonElement stderr) ? stderr.GetString()! : theirs.Errors);
        Assert.Equal(expected, ours);
    }

    private static JsonElement[] Calls() =>
        [.. JsonDocument.Parse(File.ReadAllText(DataFile)).RootElement.GetProperty("calls").EnumerateArray()];

    private static ProcessRun Run(string program, JsonElement call)
    {
        using NetworkNamespace space = NetworkNamespace.Create("call");
        using TemporaryFolder folder = new();
        folder.Write("c.conf", $"FWKNOP_RUN_DIR {folder.FilePath("run")}\nPCAP_INTF lo\n");
        folder.Write("a.conf", $"SOURCE ANY\n{SharedKeys.Random().AccessLines}");
        folder.Write("plain", "");
        File.CreateSymbolicLink(folder.FilePath("link"), "plain");
        Directory.CreateDirectory(folder.FilePath("d"));
        Directory.CreateDirectory(folder.FilePath("run"), UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        if (call.TryGetProperty("pid", out JsonElement pid))
        {
            folder.Write("run/fwknopd.pid", $"{pid.GetString()}\n");
        }

        string[] arguments = call.GetProperty("arguments").GetString()!.Split(' ');
        ProcessRun run = ProcessRun.Run(new ProcessCommand(program, arguments) { Namespace = space, WorkingDirectory = folder.Path });
        return new ProcessRun(run.ExitCode, Masked(run.Output, folder), Masked(run.Errors, folder));
    }

    private static string Masked(string text, TemporaryFolder folder)
    {
        string masked = text.Replace(folder.Path, "<folder>", StringComparison.Ordinal);
        foreach ((string pattern, string mask) in Masks)
        {
            masked = Regex.Replace(masked, pattern, mask);
        }

        return masked.TrimEnd('\n');
    }
}
