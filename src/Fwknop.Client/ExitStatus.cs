namespace Fwknop.Client;

/// <summary>What the program ends with (client.md 2); with <c>--exec</c> the command's status takes their place.</summary>
internal static class ExitStatus
{
    public const int Success = 0;
    public const int Failure = 1;
}
