namespace Fwknop.Client;

internal interface IStartedCommand : IDisposable
{
    /// <summary>Completes with the exit status; 128 + n when signal n ended it.</summary>
    Task<int> Ended { get; }
}
