namespace Fwknop.Daemon.Tests.Enforcement.Sequences;

/// <summary>What may happen.</summary>
internal enum StepKind
{
    /// <summary>A batch is granted; what is open already is renewed.</summary>
    Grant,

    /// <summary>Grants are removed before their time.</summary>
    Revoke,

    /// <summary>Time passes.</summary>
    Advance,

    /// <summary>kill -9, and a new start.</summary>
    Crash,

    /// <summary>A failure of the daemon, and a new start.</summary>
    Abandon,

    /// <summary>A clean stop, and a new start.</summary>
    Restart,

    /// <summary>Another configuration is read.</summary>
    Reload,

    /// <summary>The administrator takes something away.</summary>
    Damage,

    /// <summary>Time passes, and the kernel tells that somebody has changed rules.</summary>
    Reconcile,

    /// <summary>The programs fail at some calls of the next step.</summary>
    Fault,
}
