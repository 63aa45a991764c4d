namespace Fwknop.Daemon.Tests.Enforcement.Sequences;

/// <summary>The kernel has not what the model says.</summary>
internal sealed class SequenceFailure : Exception
{
    public SequenceFailure(string message)
        : base(message)
    {
    }
}
