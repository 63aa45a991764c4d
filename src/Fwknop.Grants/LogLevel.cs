namespace Fwknop.Grants;

/// <summary>Severity of a log line; the numbers are those of syslog (RFC 5424), which the listener puts in front of each line.</summary>
public enum LogLevel : byte
{
    /// <summary>Something failed.</summary>
    Error = 3,

    /// <summary>Something was refused or is doubtful.</summary>
    Warning = 4,

    /// <summary>What happens in normal operation.</summary>
    Info = 6,

    /// <summary>Shown with <c>-v</c>.</summary>
    Debug = 7,
}
