using System.Globalization;
using Fwknop.TestSupport;

namespace Fwknop.EndToEnd.Tests;

/// <summary>fwknopd in the background, with a syslogd of its own, ended when disposed.</summary>
internal sealed class BackgroundDaemon : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly NetworkNamespace _space;

    /// <summary>Writes the configuration; nothing is started.</summary>
    public BackgroundDaemon(NetworkNamespace space, DaemonSetup setup)
    {
        _space = space;
        Log = SyslogServer.Start(_folder.FilePath("log"));
        WriteAccess(setup.Access);
        _folder.Write("fwknopd.conf", $"""
            {setup.Configuration}
            FWKNOP_RUN_DIR {_folder.FilePath("run")}
            PCAP_INTF {setup.Device}
            SYSLOG_SOCKET {_folder.FilePath("log")}

            """);
    }

    public SyslogServer Log { get; }

    public string Folder => _folder.Path;

    public int Id => int.Parse(File.ReadAllText(_folder.FilePath("run/fwknopd.pid")), CultureInfo.InvariantCulture);

    public void WriteAccess(string text) => _folder.Write("access.conf", text);

    /// <summary>The command, whose paths are relative: with no options it starts the daemon.</summary>
    public RunningProcess Launch(params IReadOnlyList<string> options) => RunningProcess.Start(
        new ProcessCommand(Programs.Daemon, ["-c", "fwknopd.conf", "-a", "access.conf", .. options]) { Namespace = _space, WorkingDirectory = Folder });

    /// <summary>The same, to its end.</summary>
    public ProcessRun Run(params IReadOnlyList<string> options)
    {
        using RunningProcess process = Launch(options);
        int status = process.WaitForExit(TimeSpan.FromSeconds(20));
        return new ProcessRun(status, process.Output, process.Errors);
    }

    public void Dispose()
    {
        if (File.Exists(_folder.FilePath("run/fwknopd.pid")) && Run("-S").ExitCode == 0)
        {
            Run("-K");
        }

        Log.Dispose();
        _folder.Dispose();
    }
}
