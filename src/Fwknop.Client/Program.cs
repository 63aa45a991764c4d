using Fwknop.Client;

Messages messages = new(Console.OpenStandardOutput(), Console.OpenStandardError());
ClientEnvironment environment = new()
{
    Variable = Environment.GetEnvironmentVariable,
    AccountName = () => Environment.UserName,
    Clock = TimeProvider.System,
    Prompt = descriptor => descriptor is { } number ? new DescriptorPrompt(number) : new TerminalPrompt(),
    Sender = new UdpSender(),
};

return new ClientRun(messages, environment).Run(args);
