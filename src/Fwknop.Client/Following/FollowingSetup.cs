using Fwknop.Native.Terminal;

namespace Fwknop.Client;

/// <summary>What follows a knock touches outside; tests put their own in.</summary>
internal sealed record FollowingSetup
{
    public IConnector Connector { get; init; } = new TcpConnector();

    public ICommandRunner Commands { get; init; } = new CommandRunner();

    /// <summary>Calls the action when the user wants the program to end, until the result is disposed of.</summary>
    public Func<Action, IDisposable> OnStop { get; init; } = stop => new StopSignals(stop);

    /// <summary>What <c>--connect</c> sends.</summary>
    public Func<Stream> OpenInput { get; init; } =
        () => OperatingSystem.IsLinux() ? DescriptorStream.OpenInput() : Console.OpenStandardInput();

    /// <summary>Where <c>--connect</c> puts what it receives.</summary>
    public Func<Stream> OpenOutput { get; init; } =
        () => OperatingSystem.IsLinux() ? DescriptorStream.OpenOutput() : Console.OpenStandardOutput();
}
