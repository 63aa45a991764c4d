namespace Fwknop.Client;

/// <summary>What the client touches outside its own files: clock, environment, keyboard, network. Tests put their own in.</summary>
internal sealed record ClientEnvironment
{
    public required IPlatform Platform { get; init; }

    /// <summary>An environment variable, or null.</summary>
    public required Func<string, string?> Variable { get; init; }

    /// <summary>The effective user's name in the account database; empty when unknown.</summary>
    public required Func<string> AccountName { get; init; }

    public required TimeProvider Clock { get; init; }

    /// <summary>Where keys are asked for; the argument is the descriptor of <c>--fd</c>, or null for the terminal.</summary>
    public required Func<int?, IKeyPrompt> Prompt { get; init; }

    /// <summary>True when standard output is a terminal.</summary>
    public required Func<bool> IsOutputTerminal { get; init; }

    /// <summary>One line of standard input, for questions; null at its end.</summary>
    public required Func<string?> ReadAnswer { get; init; }

    public required Network Network { get; init; }

    public FollowingSetup Following { get; init; } = new();

    public ResolverSetup Resolving { get; init; } = new();

    /// <summary>The real ones.</summary>
    public static ClientEnvironment Of(IPlatform platform) => new()
    {
        Platform = platform,
        Variable = Environment.GetEnvironmentVariable,
        AccountName = () => Environment.UserName,
        Clock = TimeProvider.System,
        Prompt = descriptor => descriptor is { } number
            ? new DescriptorPrompt(() => platform.OpenInput(number), platform.IsWindows)
            : platform.Terminal,
        IsOutputTerminal = () => !Console.IsOutputRedirected,
        ReadAnswer = () => StandardInput.ReadLine(platform.OpenInput(0)),
        Network = Network.OfSystem(platform.RawPackets),
        Following = new FollowingSetup
        {
            Commands = new CommandRunner(platform.LendDescriptors),
            OpenInput = () => platform.OpenInput(0),
            OpenOutput = platform.TakeOutput,
            WatchReader = platform.WatchReader,
        },
    };
}
