using System.Diagnostics;
using Fwknop.Configuration.Server;
using Fwknop.Daemon.Lifecycle;
using Fwknop.Daemon.Logging;
using Fwknop.Grants;
using Fwknop.Native.Libc;

namespace Fwknop.Daemon.Listening;

/// <summary>
/// Keeps a decryptor at work: the child that runs gpg for the listener, as the user whom the keyrings belong to and without capabilities. The two talk over a
/// socket of their own; what they say does not pass the daemon. That user can kill it, which must cost no other stanza anything: it is started again, with the
/// same end of that socket, so that the listener sees nothing but a question without an answer.
/// </summary>
internal sealed class DecryptorKeeper : IDisposable
{
    private const string Name = "fwknopd-listener --decrypt";

    private readonly ServerConfig _config;
    private readonly KeyringPlan _plan;
    private readonly Descriptor _socket;
    private readonly DaemonLog _log;
    private readonly RestartPause _pause = new();
    private readonly ManualResetEventSlim _hasToEnd = new();

    /// <summary>Nothing is started once <see cref="_hasToEnd"/> is set.</summary>
    private readonly Lock _guard = new();

    private ConfinedProcess _process;

    private DecryptorKeeper(ServerConfig config, KeyringPlan plan, Descriptor socket, DaemonLog log)
    {
        (_config, _plan, _socket, _log) = (config, plan, socket, log);
        _process = StartProcess();
    }

    /// <summary>Starts a decryptor, and from then on another whenever one has ended.</summary>
    /// <param name="config">Whether it is confined.</param>
    /// <param name="plan">Whose keyrings, and which. The passphrases are needed for each start: they stay here until this is disposed of, which wipes them.</param>
    /// <param name="socket">The decryptor's end of the socket to the listener.</param>
    /// <param name="log">Where its lines go, and that it has ended.</param>
    /// <exception cref="StartupException">It cannot be started; the plan is still the caller's.</exception>
    public static DecryptorKeeper Start(ServerConfig config, KeyringPlan plan, Descriptor socket, DaemonLog log)
    {
        DecryptorKeeper keeper = new(config, plan, socket, log);
        new Thread(keeper.Keep) { IsBackground = true, Name = "decryptor" }.Start();
        return keeper;
    }

    /// <summary>Lets it end by itself, without waiting.</summary>
    public void TellToEnd()
    {
        lock (_guard)
        {
            _hasToEnd.Set();
            _process.TellToEnd();
        }
    }

    public void Dispose()
    {
        TellToEnd();
        _process.Dispose();
        _plan.Dispose();
    }

    private ConfinedProcess StartProcess()
    {
        DecryptorSetup setup = new() { Descriptor = ChildProgram.FirstLent, Verbosity = _config.Verbosity, Keyrings = _plan.Keyrings };
        return ConfinedProcess.Start(Name, _config, new ConfinedRights(_plan.Uid, _plan.Gid, [], "--decrypt"), [_socket], setup.Write, _log);
    }

    private void Keep()
    {
        long started = Stopwatch.GetTimestamp();
        string? failure = WaitForFailure();
        while (failure is not null)
        {
            TimeSpan pause = _pause.After(Stopwatch.GetElapsedTime(started));
            _log.Error(
                $"[*] {failure}: it is started again in {pause.TotalSeconds} s; until then packets for the keyrings of user {_plan.Uid} cannot be opened",
                new LogEvent(LogEventKind.DecryptorFailed).With(LogField.Error, failure));
            if (_hasToEnd.Wait(pause))
            {
                return;
            }

            started = Stopwatch.GetTimestamp();
            failure = TryStartAgain(out string error) ? WaitForFailure() : error;
        }
    }

    /// <summary>Why it has ended; null when that was asked for, or the listener that it works for is gone.</summary>
    private string? WaitForFailure()
    {
        try
        {
            // It writes nothing there.
            bool isSilent = _process.Output.ReadByte() < 0;
            ConfinedEnd end = _process.WaitForEnd();
            lock (_guard)
            {
                if (_hasToEnd.IsSet || (isSilent && end.Status == 0))
                {
                    return null;
                }

                // It may have closed its output and go on.
                _process.Dispose();
                return end.Reason;
            }
        }
        catch (Exception error) when (error is IOException or InvalidOperationException)
        {
            // Disposed of.
            return null;
        }
    }

    private bool TryStartAgain(out string error)
    {
        error = "";
        lock (_guard)
        {
            if (_hasToEnd.IsSet)
            {
                // The process that has ended is waited for once more, which returns at once.
                return true;
            }

            try
            {
                _process = StartProcess();
                _log.Info($"{Name} is started again");
                return true;
            }
            catch (StartupException failure)
            {
                error = failure.Message;
                return false;
            }
        }
    }
}
