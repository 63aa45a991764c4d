using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Fwknop.Protocol;

namespace Fwknop.Client;

/// <summary>The port that a knock is to open: looks for it before and after, and says what it found.</summary>
internal sealed class AwaitedPort
{
    // Our choice: a packet filter that drops shall not hold the knock up, a server far away answers in most cases.
    private static readonly TimeSpan LongestLook = TimeSpan.FromMilliseconds(250);

    private readonly HostPort _where;
    private readonly SpaMessage _message;
    private readonly Settings _settings;
    private readonly Messages _messages;
    private readonly ClientEnvironment _environment;
    private readonly IPEndPoint? _target;
    private readonly string? _problem;
    private ConnectOutcome? _before;

    /// <summary>Looks the name up, so that this takes no time after the knock.</summary>
    public AwaitedPort(HostPort where, SpaMessage message, Settings settings, Messages messages, ClientEnvironment environment)
    {
        _where = where;
        _message = message;
        _settings = settings;
        _messages = messages;
        _environment = environment;
        _target = Find(out _problem);
    }

    /// <summary>For messages.</summary>
    public string Name => $"{_target?.Address.ToString() ?? _where.Host}, tcp/{_where.Port},";

    private IConnector Connector => _environment.Following.Connector;

    private TimeSpan Limit => TimeSpan.FromSeconds(
        _settings.WaitSeconds ?? (_settings.Connect is null ? Settings.DefaultWaitSeconds : Settings.DefaultConnectSeconds));

    /// <summary>What the port says before the knock tells what its answer after it means.</summary>
    public void LookBefore()
    {
        if (_target is null)
        {
            return;
        }

        ConnectAttempt attempt = Connector.Connect(_target, LongestLook);
        attempt.Connection?.Dispose();
        _before = attempt.Outcome;
        if (_before == ConnectOutcome.Open)
        {
            _messages.Normal($"[-] {Name} was open before the knock: that it is afterwards says nothing about the knock.");
        }
    }

    /// <summary>Waits after the knock.</summary>
    /// <param name="sendAgain">Sends another packet, or null when one has to do.</param>
    /// <param name="connection">To the open port; the caller disposes of it.</param>
    /// <returns>False when the port is not open; the reason has been printed.</returns>
    public bool TryWait(Action? sendAgain, out Socket? connection)
    {
        connection = null;
        if (_target is null)
        {
            _messages.Error($"[-] The SPA packet was sent, but the port cannot be looked for: {_where.Host}: {_problem}.");
            return false;
        }

        PortWaitResult result = new PortWait(Connector, _environment.Clock).Run(_target, Limit, sendAgain);
        if (result.Attempt.Outcome != ConnectOutcome.Open)
        {
            Diagnosis diagnosis = new(_settings, _message, _environment.Clock, Connector.LocalAddressTowards(_target.Address));
            _messages.Error(diagnosis.Text(_target, Name, result, _before));
            return false;
        }

        SayOpen(string.Create(
            CultureInfo.InvariantCulture, $"[+] {_target.Address}, tcp/{_target.Port}: open after {result.Elapsed.TotalMilliseconds:0} ms."));
        connection = result.Attempt.Connection;
        return true;
    }

    // Who waits for a command or a connection sees for himself.
    private void SayOpen(string text)
    {
        if (_settings.Command.Count > 0 || _settings.Connect is not null)
        {
            _messages.Info(text);
        }
        else
        {
            _messages.Normal(text);
        }
    }

    private IPEndPoint? Find(out string? problem)
    {
        bool preferIPv6 = _message.AllowAddress?.AddressFamily == AddressFamily.InterNetworkV6;
        IReadOnlyList<IPAddress> addresses =
            new HostAddresses(_environment.Network.Names).Find(_where.Host, _settings.Families, preferIPv6, out problem);
        return problem is null ? new IPEndPoint(addresses[0], _where.Port) : null;
    }
}
