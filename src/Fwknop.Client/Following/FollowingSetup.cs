namespace Fwknop.Client;

/// <summary>What follows a knock touches outside; tests put their own in.</summary>
internal sealed record FollowingSetup
{
    public IConnector Connector { get; init; } = new TcpConnector();

    public ICommandRunner Commands { get; init; } = new CommandRunner(() => null);

    /// <summary>Calls the action when the user wants the program to end, until the result is disposed of.</summary>
    public Func<Action, IDisposable> OnStop { get; init; } = stop => new StopSignals(stop);

    /// <summary>True when somebody types what <c>--connect</c> sends.</summary>
    public Func<bool> IsInputTyped { get; init; } = () => !Console.IsInputRedirected;

    /// <summary>Gives a task that completes when nobody reads what <c>--connect</c> receives, or when it is cancelled.</summary>
    public Func<CancellationToken, Task> WatchReader { get; init; } = cancel => Task.Delay(Timeout.Infinite, cancel);

    /// <summary>What <c>--connect</c> sends.</summary>
    public Func<Stream> OpenInput { get; init; } = Console.OpenStandardInput;

    /// <summary>Where <c>--connect</c> puts what it receives.</summary>
    public Func<Stream> OpenOutput { get; init; } = Console.OpenStandardOutput;
}
