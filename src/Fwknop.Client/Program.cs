using Fwknop.Client;
using Fwknop.Native.Libc;
using Fwknop.Native.Terminal;

// From here on there may be keys in memory.
CurrentProcess.IsDumpable = false;

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

try
{
    return new ClientRun(new Messages(output, error), environment).Run(args);
}
catch (OutputException)
{
    // Nobody can read what there is to say: a closed pipe, a full disk.
    return 1;
}
