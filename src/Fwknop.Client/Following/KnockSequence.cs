using System.Net.Sockets;
using Fwknop.Native.FileSystem;
using Fwknop.Protocol;
using static Fwknop.Client.ExitStatus;

namespace Fwknop.Client;

/// <summary>A knock and what the user wants to follow it: wait for the port, run a command, connect, keep the port open.</summary>
internal sealed class KnockSequence
{
    // As shells have it.
    private const int CannotRun = 126;
    private const int NotFound = 127;

    private readonly Settings _settings;
    private readonly Messages _messages;
    private readonly ClientEnvironment _environment;
    private readonly RememberedNames _names;

    public KnockSequence(Settings settings, Messages messages, ClientEnvironment environment)
    {
        _settings = settings;
        _messages = messages;
        _names = new RememberedNames(environment.Network.Names);
        _environment = environment with { Network = environment.Network with { Names = _names } };
    }

    private FollowingSetup Outside => _environment.Following;

    private bool RunsCommand => _settings.Command.Count > 0;

    /// <returns>The exit status.</returns>
    public int Run()
    {
        string? program = null;
        if (RunsCommand && !_settings.IsTest && (program = FindProgram(out int status)) is null)
        {
            return status;
        }

        using Knock knock = new(_settings, _messages, _environment);
        if (!knock.TryPrepare())
        {
            return Failure;
        }

        if (_settings.IsTest)
        {
            return Rehearse(knock);
        }

        if (_settings.Connect is { } destination)
        {
            return Connect(knock, destination);
        }

        bool isSent = _settings.IsWaiting || RunsCommand;
        if (isSent && !SendAndWait(knock))
        {
            return Failure;
        }

        return program is not null ? Execute(knock, program)
            : _settings.RepeatSeconds > 0 ? KeepOpen(knock, isSent)
            : isSent || knock.TrySend() ? Success
            : Failure;
    }

    private string? FindProgram(out int status)
    {
        string name = _settings.Command[0];
        string? program = ProgramSearch.Find(name, _environment.Variable("PATH"), out string problem);
        status = problem == ProgramSearch.NotExecutable ? CannotRun : NotFound;
        if (program is null)
        {
            _messages.Error($"{Messages.Prefix}{name}: command {problem}, no SPA packet sent.");
        }

        return program;
    }

    private int Rehearse(Knock knock)
    {
        if (_settings.Follows)
        {
            _messages.Warning("[-] In test mode nothing is sent, so --wait, --exec, --repeat and --connect do nothing.");
        }

        return knock.TrySend() ? Success : Failure;
    }

    // False when the run must end; the reason has been printed.
    private bool SendAndWait(Knock knock)
    {
        if (FirstTcpPort(knock.Message!) is not { } port)
        {
            if (!knock.TrySend())
            {
                return false;
            }

            _messages.Warning("[-] Only TCP ports can be looked for: whether the server grants this request is not known.");
            return RunsCommand || _settings.RepeatSeconds > 0;
        }

        AwaitedPort awaited = NewAwaitedPort(new HostPort(_settings.Destination!, port), knock.Message!);
        if (!RunsCommand)
        {
            awaited.LookBefore();
        }

        // With --wait alone one packet shows whether one packet works.
        if (!knock.TrySend() || !awaited.TryWait(RunsCommand ? () => knock.TrySend() : null, out Socket? connection))
        {
            return false;
        }

        connection?.Dispose();
        return true;
    }

    private int Connect(Knock knock, HostPort destination)
    {
        AwaitedPort awaited = NewAwaitedPort(destination, knock.Message!);
        if (!knock.TrySend() || !awaited.TryWait(() => knock.TrySend(), out Socket? open))
        {
            return Failure;
        }

        using Socket? connection = open;
        if (connection is null)
        {
            return Failure;
        }

        ForgetKeys(knock);
        using Stream input = Outside.OpenInput();
        using Stream output = Outside.OpenOutput();
        Relay relay = new(input, output, connection) { IsInputTyped = Outside.IsInputTyped(), WatchReader = Outside.WatchReader };
        if (relay.Run() is { } failure)
        {
            _messages.Error($"[-] The connection to {awaited.Name} ended: {failure}.");
            return Failure;
        }

        return Success;
    }

    private int Execute(Knock knock, string program)
    {
        string? problem;
        int status;
        if (_settings.RepeatSeconds == 0)
        {
            ForgetKeys(knock);
            status = Outside.Commands.Run(program, _settings.Command, out problem);
        }
        else
        {
            using IStartedCommand? command = Outside.Commands.Start(program, _settings.Command, out problem);
            status = command is null ? CannotRun : NewRenewal(knock).Run(command.Ended);
        }

        if (problem is not null)
        {
            _messages.Error($"{Messages.Prefix}{_settings.Command[0]}: {problem}");
        }

        return problem is null ? status : CannotRun;
    }

    // No more packets follow, and what follows may last for days.
    private void ForgetKeys(Knock knock)
    {
        knock.Dispose();
        _settings.Dispose();
    }

    private int KeepOpen(Knock knock, bool isSent)
    {
        TaskCompletionSource<int> stopped = new();
        using IDisposable signals = Outside.OnStop(() => stopped.TrySetResult(Success));
        Renewal renewal = NewRenewal(knock);
        if (!isSent)
        {
            renewal.Send(knock.TrySend);
        }

        return renewal.Run(stopped.Task);
    }

    private Renewal NewRenewal(Knock knock) =>
        new(knock, _names, TimeSpan.FromSeconds(_settings.RepeatSeconds), _messages, _environment.Clock);

    private AwaitedPort NewAwaitedPort(HostPort where, SpaMessage message) => new(where, message, _settings, _messages, _environment);

    // With NAT this is the port on the server, as it stands in the message.
    private static int? FirstTcpPort(SpaMessage message)
    {
        foreach (PortSpec port in message.Ports)
        {
            if (port.Protocol == TransportProtocol.Tcp)
            {
                return port.Port;
            }
        }

        return null;
    }
}
