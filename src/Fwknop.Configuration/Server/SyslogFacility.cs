namespace Fwknop.Configuration.Server;

/// <summary>SYSLOG_FACILITY; the numbers are those of syslog(3), to be shifted left by three.</summary>
public enum SyslogFacility
{
    /// <summary>LOG_DAEMON.</summary>
    Daemon = 3,

    /// <summary>LOG_LOCAL0.</summary>
    Local0 = 16,

    /// <summary>LOG_LOCAL1.</summary>
    Local1 = 17,

    /// <summary>LOG_LOCAL2.</summary>
    Local2 = 18,

    /// <summary>LOG_LOCAL3.</summary>
    Local3 = 19,

    /// <summary>LOG_LOCAL4.</summary>
    Local4 = 20,

    /// <summary>LOG_LOCAL5.</summary>
    Local5 = 21,

    /// <summary>LOG_LOCAL6.</summary>
    Local6 = 22,

    /// <summary>LOG_LOCAL7.</summary>
    Local7 = 23,
}
