using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using Fwknop.TestSupport;

namespace Fwknop.Client.Tests;

/// <summary>
/// The reference and this client with the same calls, side by side. What differs on purpose stands with its reason in
/// <c>calls.json</c>; a difference that is not there fails, and so does a listed one that no longer exists.
/// </summary>
public sealed class ConformanceTests(GpgKeys gpg) : IClassFixture<GpgKeys>
{
    private static readonly JsonElement Data =
        JsonDocument.Parse(File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "Conformance", "calls.json"))).RootElement;

    // Fresh random values, clocks and what follows from them.
    private static readonly (string Pattern, string Mask)[] Masks =
    [
        ("Fwknop/[0-9.]+", "Fwknop/<version>"),
        ("^(fwknop client (?:version )?)[0-9.]+", "$1<version>"),
        ("^(GET (?:http://h)?/)([A-Za-z0-9_-]{40,})(?= HTTP/)", "$1<$LENGTH>"),
        ("^(   Random Value: )[0-9]{16}$", "$1<random>"),
        ("^(      Timestamp: )[0-9]+$", "$1<time>"),
        ("^(   Encoded Data: )[0-9]{16}:([^:]*):[0-9]+:", "$1<random>:$2:<time>:"),
        ("^( Final SPA Data: )[A-Za-z0-9+/]{500,}$", "$1<gpg packet>"),
        ("^(SPA Data Digest: |           HMAC: | Final SPA Data: |KEY_BASE64: |HMAC_KEY_BASE64: )([A-Za-z0-9+/=]+)$", "$1<$LENGTH>"),
        ("^((?:HMAC_)?KEY_BASE64 +)([A-Za-z0-9+/=]{40,})$", "$1<$LENGTH>"),
        ("^(         source port: )[1-6][0-9]{4}$", "$1<port>"),
        ("^(    destination port: )(?!62201$)[1-6][0-9]{4}$", "$1<port>"),
        ("'[1-6][0-9]{4}' on: '([0-9.]+),(tcp|udp)/[0-9]{5}'", "'<port>' on: '$1,$2/<port>'"),
        ("^( Message String: 192.0.2.9,tcp/)[1-6][0-9]{4}$", "$1<port>"),
        ("(:MTkyLjAuMi45LHRjcC8)[A-Za-z0-9]{7}(?=:|$)", "$1<port>"),
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

    [ReferenceClientTheory]
    [MemberData(nameof(Names))]
    public void Same_output_error_output_and_status(string name)
    {
        JsonElement call = Calls().Single(call => call.GetProperty("name").GetString() == name);
        ProcessRun theirs = Run(Reference.ClientProgram, call);
        ProcessRun ours = WithoutAdditions(Run(ClientFile.Location, call));
        if (!call.TryGetProperty("difference", out JsonElement difference))
        {
            Assert.Equal(Describe(theirs), Describe(ours));
            return;
        }

        Assert.False(string.IsNullOrWhiteSpace(difference.GetProperty("reason").GetString()));
        Assert.NotEqual(Describe(theirs), Describe(ours));
        Assert.Equal(Expected(difference, "status", theirs.ExitCode.ToString()), ours.ExitCode.ToString());
        Assert.Equal(Expected(difference, "stderr", Masked(theirs.Errors)), Masked(ours.Errors));
        if (difference.TryGetProperty("output", out JsonElement output))
        {
            Assert.Equal(Masked(output.GetString()!.Replace("<help>", VersionText.Help, StringComparison.Ordinal)), Masked(ours.Output));
        }
        else if (difference.TryGetProperty("stdout", out JsonElement stdout))
        {
            Assert.Matches(new Regex(stdout.GetString()!), Masked(ours.Output));
        }
        else
        {
            Assert.Equal(Masked(theirs.Output), Masked(ours.Output));
        }
    }

    private static JsonElement[] Calls() => Rows("calls");

    private static JsonElement[] Rows(string name) => [.. Data.GetProperty(name).EnumerateArray()];

    // An addition stands right before a line of the reference's; without the one the other may not be there. An explanation of an error follows its line.
    private static ProcessRun WithoutAdditions(ProcessRun run)
    {
        foreach (JsonElement addition in Rows("additions"))
        {
            Assert.False(string.IsNullOrWhiteSpace(addition.GetProperty("reason").GetString()));
            string before = addition.GetProperty("before").GetString()!;
            string[] parts = Regex.Split(run.Output, $"{addition.GetProperty("line").GetString()}\n(?={before})", RegexOptions.Multiline);
            Assert.Equal(Regex.Count(run.Output, before, RegexOptions.Multiline), parts.Length - 1);
            run = run with { Output = string.Concat(parts) };
        }

        foreach (JsonElement explanation in Rows("explanations"))
        {
            Assert.False(string.IsNullOrWhiteSpace(explanation.GetProperty("reason").GetString()));
            string line = $"(?<=^{explanation.GetProperty("after").GetString()}.*\n('\n)?){explanation.GetProperty("line").GetString()}(\n|\\z)";
            run = run with { Errors = Regex.Replace(run.Errors, line, string.Empty, RegexOptions.Multiline) };
        }

        return run;
    }

    private static string Expected(JsonElement difference, string name, string otherwise) =>
        !difference.TryGetProperty(name, out JsonElement value) ? otherwise
        : value.ValueKind == JsonValueKind.Number ? value.GetRawText()
        : value.GetString()!.TrimEnd('\n');

    // In a folder of its own as home, without a controlling terminal.
    private ProcessRun Run(string program, JsonElement call)
    {
        // @gpg stands for a home directory of gpg; in calls without it none is made.
        string Expand(string text)
        {
            string repeated = Regex.Replace(text, "<([0-9]+)\\*([^>]*)>", match => string.Concat(
                Enumerable.Repeat(match.Groups[2].Value, int.Parse(match.Groups[1].ValueSpan, provider: null))));
            return repeated.Contains("@gpg", StringComparison.Ordinal) ? repeated.Replace("@gpg", gpg.Home.Path, StringComparison.Ordinal) : repeated;
        }

        using TemporaryFolder folder = new();
        if (call.TryGetProperty("files", out JsonElement files))
        {
            foreach (JsonProperty file in files.EnumerateObject())
            {
                folder.Write(file.Name, Expand(file.Value.GetString()!));
            }
        }

        if (call.TryGetProperty("programs", out JsonElement programs))
        {
            foreach (JsonProperty script in programs.EnumerateObject())
            {
                folder.WriteProgram(script.Name, $"#!/bin/sh\n{script.Value.GetString()}\n");
            }
        }

        using LocalService? service = StartService(call);
        string line = Expand(call.GetProperty("arguments").GetString()!).Replace("<port>", $"{service?.Port}", StringComparison.Ordinal);
        List<string> arguments = ["-w", program, .. line.Split(' ', StringSplitOptions.RemoveEmptyEntries)];
        if (call.TryGetProperty("lastArgument", out JsonElement last))
        {
            arguments.Add(last.GetString()!);
        }

        Dictionary<string, string?> environment = new() { ["HOME"] = folder.Path, ["LOGNAME"] = null, ["SPOOF_USER"] = null };
        if (call.TryGetProperty("environment", out JsonElement variables))
        {
            foreach (JsonProperty variable in variables.EnumerateObject())
            {
                environment[variable.Name] = variable.Value.GetString() is { } value ? Expand(value) : null;
            }
        }

        ProcessRun run = ProcessRun.Run(new ProcessCommand("setsid", arguments)
        {
            Environment = environment,
            WorkingDirectory = folder.Path,
            Input = call.TryGetProperty("input", out JsonElement input) ? Expand(input.GetString()!) : null,
        });
        return run with
        {
            Output = Placeless(run.Output + Files(call, folder, program), folder, service),
            Errors = Placeless(run.Errors, folder, service),
        };
    }

    // What the run left in files, after its output. The reference drops comments and blank lines of rc files.
    private static string Files(JsonElement call, TemporaryFolder folder, string program)
    {
        StringBuilder text = new();
        if (call.TryGetProperty("shows", out JsonElement names))
        {
            foreach (string name in names.EnumerateArray().Select(name => name.GetString()!))
            {
                string path = folder.FilePath(name);
                IEnumerable<string> lines = File.Exists(path) ? File.ReadAllLines(path).Where(line => line.Length > 0 && line[0] != '#') : ["none"];
                text.Append($"\n--- {name}\n").AppendJoin('\n', lines);
            }
        }

        return text.Replace($"{program} ", "fwknop ").ToString();
    }

    private static string Placeless(string text, TemporaryFolder folder, LocalService? service) =>
        text.Replace(folder.Path, "<home>", StringComparison.Ordinal)
            .Replace(service is null ? "no port" : $":{service.Port}", ":<port>", StringComparison.Ordinal);

    // The reference finds no service on a port of five digits.
    private static LocalService? StartService(JsonElement call)
    {
        const int first = 2000;
        const int count = 7000;
        return call.TryGetProperty("service", out JsonElement answers)
            ? new LocalService(path => answers.GetProperty(path).GetString(), ports: Enumerable.Range(first + Random.Shared.Next(count), 1000))
            : null;
    }

    private static string Describe(ProcessRun run) => $"status {run.ExitCode}\n--- stdout\n{Masked(run.Output)}\n--- stderr\n{Masked(run.Errors)}";

    private static string Masked(string text)
    {
        foreach ((string pattern, string mask) in Masks)
        {
            text = Regex.Replace(
                text,
                pattern,
                match => match.Result(mask.Replace("$LENGTH", match.Groups[2].Length.ToString(), StringComparison.Ordinal)),
                RegexOptions.Multiline);
        }

        return text.TrimEnd('\n');
    }
}
