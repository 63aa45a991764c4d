namespace Fwknop.Client.Tests;

/// <summary>Runs nothing and keeps what it was asked to run.</summary>
internal sealed class FakeCommands : ICommandRunner
{
    public string? Path { get; private set; }

    public IReadOnlyList<string> Words { get; private set; } = [];

    public string? Problem { get; set; }

    public int Status { get; set; }

    /// <summary>Ends a command that was started.</summary>
    public TaskCompletionSource<int> Started { get; } = new();

    public int Run(string path, IReadOnlyList<string> words, out string? problem)
    {
        (Path, Words, problem) = (path, words, Problem);
        return Status;
    }

    public IStartedCommand? Start(string path, IReadOnlyList<string> words, out string? problem)
    {
        Run(path, words, out problem);
        return problem is null ? new Command(Started.Task) : null;
    }

    private sealed record Command(Task<int> Ended) : IStartedCommand
    {
        public void Dispose()
        {
        }
    }
}
