namespace Fwknop.Listener.Capture;

/// <summary>What ended a wait.</summary>
internal enum WaitOutcome
{
    TimedOut = 0,

    /// <summary>Ask the source for packets.</summary>
    Ready,

    /// <summary>The wake event is set; there may be packets, too.</summary>
    Woken,
}
