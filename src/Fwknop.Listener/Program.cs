using System.Runtime.InteropServices;
using Fwknop.Grants;
using Fwknop.Listener;
using Fwknop.Listener.Capture;
using Fwknop.Listener.Confinement;
using Fwknop.Listener.DecryptionQueue;
using Fwknop.Listener.DecryptorProcess;
using Fwknop.Listener.Dispatch;
using Fwknop.Listener.Explaining;
using Fwknop.Native.Libc;

// fwknopd starts this program: standard input brings the setup and stays open, standard output takes grants, standard error log
// lines. The arguments say how much is allowed: capabilities, nothing, or no confinement at all (PRIVILEGE_SEPARATION N); and whether this is the
// process that runs gpg for the one that reads packets.
const string Decrypt = "--decrypt";
Capabilities? allowed = args switch
{
    ["--allow", "net_raw"] => Capabilities.NetRaw,
    ["--allow", "net_bind_service"] => Capabilities.NetBindService,
    ["--allow", "net_raw,net_bind_service"] => Capabilities.NetRaw | Capabilities.NetBindService,
    ["--allow", "none"] or [Decrypt, "--allow", "none"] => Capabilities.None,
    _ => null,
};
bool isDecryptor = args is [Decrypt, ..];
if (allowed is null && args is not (["--unconfined"] or [Decrypt, "--unconfined"]))
{
    Console.Error.WriteLine("fwknopd-listener: this program is started by fwknopd, not by hand");
    return 1;
}

// Ctrl-C reaches the whole foreground group, and a service manager may signal all processes; the daemon decides what it means, and
// closes our input.
using PosixSignalRegistration interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, context => context.Cancel = true);
using PosixSignalRegistration terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, context => context.Cancel = true);
using StreamWriter standardError = new(Console.OpenStandardError()) { NewLine = "\n" };
ListenerLog startLog = new(standardError, verbosity: 0);
if (allowed is { } rights && ConfinementCheck.FindViolations(rights, mayBeRoot: isDecryptor && Environment.IsPrivilegedProcess) is { Count: > 0 } violations)
{
    foreach (string violation in violations)
    {
        startLog.Write(LogLevel.Error, $"fwknopd-listener is not confined: {violation}");
    }

    return 1;
}

using Stream input = Console.OpenStandardInput();
if (isDecryptor)
{
    return DecryptorProgram.Run(input, startLog, standardError);
}

using Stream output = Console.OpenStandardOutput();
using WakeEvent wake = new();
ListenerSetup setup;
try
{
    setup = ListenerSetup.Read(input);
}
catch (Exception error) when (error is EndOfStreamException or InvalidDataException)
{
    startLog.Write(LogLevel.Error, $"fwknopd-listener got no usable setup: {error.Message}");
    return 1;
}

ListenerLog log = new(standardError, setup.Verbosity);
DaemonWatch daemon = new(input, wake);
if (setup.Capture == CaptureMode.Explain)
{
    using DecryptorSockets decryptors = new(setup.Keyrings.Values, DecryptorSockets.Patience);
    using StreamWriter report = new(output) { NewLine = "\n" };
    try
    {
        return new Explanation(setup, decryptors, wake, daemon, log, report).Run();
    }
    catch (IOException) when (daemon.IsGone)
    {
        return 1;
    }
}

using CaptureSet? capture = Sources.TryOpen(setup, wake, log);
if (capture is null)
{
    return 1;
}

using DecryptionLanes decryption = new(new DecryptorSockets(setup.Keyrings.Values, DecryptorSockets.Patience), wake);
GrantWriter daemonPipe = new(output);
try
{
    daemonPipe.Send(new ListenerMessage.Ready());
    VerdictLog verdicts = new(log, new NoiseLimit(TimeProvider.System), setup.UsesOldLogTexts);
    return new CaptureLoop(setup, capture, decryption, wake, daemon, log, verdicts, daemonPipe).Run();
}
catch (IOException) when (daemon.IsGone)
{
    return 0;
}
