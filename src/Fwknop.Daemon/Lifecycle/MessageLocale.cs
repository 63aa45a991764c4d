using Fwknop.Configuration.Server;
using Fwknop.Daemon.Logging;
using Fwknop.Native.Libc;

namespace Fwknop.Daemon.Lifecycle;

/// <summary>LOCALE: the language of the C library's texts in our messages (server.md 11).</summary>
internal static class MessageLocale
{
    /// <summary>Sets it; one that the system does not have is an error line and nothing else.</summary>
    public static void Set(ServerConfig config, DaemonLog log)
    {
        if (config.Locale is not { } locale)
        {
            return;
        }

        if (CurrentProcess.TrySetMessageLocale(locale))
        {
            log.Info($"Locale set to '{locale}'.");
        }
        else
        {
            log.Error($"WARNING: Unable to set locale to '{locale}'.");
        }
    }
}
