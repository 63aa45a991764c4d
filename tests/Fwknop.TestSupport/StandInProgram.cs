namespace Fwknop.TestSupport;

/// <summary>
/// A program of another system, played by a shell script: it keeps what it is called with, has a state in files of its own, and fails where it is told to.
/// </summary>
public abstract class StandInProgram : IDisposable
{
    private const string Preamble = """
        #!/bin/sh
        cd '%FOLDER%' || exit 100
        echo "$*" >>calls
        late() { :; }
        [ ! -e fault ] || . ./fault
        work() {
        %WORK%
        }
        work "$@"
        status=$?
        late
        exit $status

        """;

    private readonly TemporaryFolder _folder = new();

    /// <param name="name">The program's name.</param>
    /// <param name="work">What it does, as the body of a shell function.</param>
    protected StandInProgram(string name, string work)
    {
        Executable = _folder.FilePath(name);
        Write("calls", "");

        // Written by another process: while this one had it open for writing, a fork of another test would inherit that, and the kernel
        // would refuse to run it ("text file busy").
        string script = _folder.Write($"{name}.txt", Preamble.Replace("%FOLDER%", _folder.Path, StringComparison.Ordinal).Replace("%WORK%", work, StringComparison.Ordinal));
        ProcessRun.RunChecked(new ProcessCommand("install", ["-m", "700", script, Executable]));
    }

    /// <summary>Its path.</summary>
    public string Executable { get; }

    /// <summary>What it was called with, since the last time that this was asked.</summary>
    public IReadOnlyList<string> TakeCalls()
    {
        IReadOnlyList<string> calls = Lines("calls");
        Write("calls", "");
        return calls;
    }

    /// <summary>Fails, without doing anything, when it is called with words that begin so.</summary>
    public void Fail(string beginning, string reason) => SetFault(beginning, $"echo '{reason}' >&2; exit 71");

    /// <summary>Works, and says that it failed.</summary>
    public void FailAfterwards(string beginning, string reason) => SetFault(beginning, $"late() {{ echo '{reason}' >&2; exit 71; }}");

    /// <summary>Fails, without doing anything, at the call with this number, counted from the last <see cref="TakeCalls"/>.</summary>
    public void FailCall(int number, string reason) => Write("fault", $"[ \"$(grep -c '' calls)\" -ne {number} ] || {{ echo '{reason}' >&2; exit 71; }}\n");

    /// <summary>The same from that call on.</summary>
    public void FailFrom(int number, string reason) => Write("fault", $"[ \"$(grep -c '' calls)\" -lt {number} ] || {{ echo '{reason}' >&2; exit 71; }}\n");

    /// <summary>Does not end.</summary>
    public void Hang(string beginning) => SetFault(beginning, "exec sleep 60");

    /// <summary>Works, and does not end.</summary>
    public void HangAfterwards(string beginning) => SetFault(beginning, "late() { exec sleep 60; }");

    /// <summary>Prints without end.</summary>
    public void Flood(string beginning) => SetFault(beginning, "exec yes");

    /// <summary>Prints this in place of what it would.</summary>
    public void Print(string beginning, string output)
    {
        Write("output", output);
        SetFault(beginning, "cat output; exit 0");
    }

    /// <summary>Works again.</summary>
    public void Mend() => File.Delete(_folder.FilePath("fault"));

    public void Remove() => File.Delete(Executable);

    public void Dispose()
    {
        _folder.Dispose();
        GC.SuppressFinalize(this);
    }

    protected IReadOnlyList<string> Lines(string file) => File.Exists(_folder.FilePath(file)) ? File.ReadAllLines(_folder.FilePath(file)) : [];

    protected void Write(string file, string content) => _folder.Write(file, content);

    private void SetFault(string beginning, string what) => Write("fault", $"case \"$*\" in \"{beginning}\"*) {what};; esac\n");
}
