using Fwknop.Client;
using Fwknop.Native.Terminal;

using DescriptorStream output = DescriptorStream.OpenOutput();
using DescriptorStream error = DescriptorStream.OpenError();
ClientEnvironment environment = new()
{
    Variable = Environment.GetEnvironmentVariable,
    AccountName = () => Environment.UserName,
    Clock = TimeProvider.System,
    Prompt = descriptor => descriptor is { } number ? new DescriptorPrompt(number) : new TerminalPrompt(),
    IsOutputTerminal = () => !Console.IsOutputRedirected,
    ReadAnswer = StandardInput.ReadLine,
    Network = Network.OfSystem(),
};

Messages messages = new(output, error);
try
{
    IReadOnlyList<string> arguments = ArgumentText.Restore(args, out string? problem);
    if (problem is not null)
    {
        messages.Error(problem);
        return 1;
    }

    return new ClientRun(messages, environment).Run(arguments);
}
catch (OutputException)
{
    // Nobody can read what there is to say: a closed pipe, a full disk.
    return 1;
}
catch (Exception e)
{
    // A mistake in this program; the place of it is for those who asked for everything.
    messages.Error($"fwknop: internal error: {(messages.Verbosity > 1 ? e : e.Message)}");
    return 1;
}
