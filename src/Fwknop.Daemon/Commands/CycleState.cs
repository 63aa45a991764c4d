namespace Fwknop.Daemon.Commands;

/// <summary>How far a command cycle is.</summary>
internal enum CycleState
{
    /// <summary>CMD_CYCLE_OPEN waits for its turn or runs.</summary>
    Opening,

    Open,

    /// <summary>CMD_CYCLE_OPEN was not run, was killed or returned an error; CMD_CYCLE_CLOSE is run all the same.</summary>
    OpenFailed,

    /// <summary>CMD_CYCLE_CLOSE waits for its turn or runs.</summary>
    Closing,

    /// <summary>CMD_CYCLE_CLOSE was not run, was killed or returned an error; it is run again.</summary>
    CloseFailed,
}
