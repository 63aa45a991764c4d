using System.Net;
using System.Net.Sockets;

namespace Fwknop.Client.Tests;

/// <summary>A port that answers as the test says, by the time since the begin.</summary>
internal sealed class FakeConnector(SteppingClock clock, Func<TimeSpan, ConnectOutcome> port) : IConnector
{
    private static readonly TimeSpan AnswerTime = TimeSpan.FromMilliseconds(1);

    public List<(IPEndPoint Target, TimeSpan Limit)> Attempts { get; } = [];

    public IPAddress? Local { get; set; } = IPAddress.Parse("10.1.2.3");

    /// <summary>What an open port gives.</summary>
    public Func<Socket> Open { get; set; } = () => new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);

    public ConnectAttempt Connect(IPEndPoint target, TimeSpan limit)
    {
        Assert.True(limit > TimeSpan.Zero, "an attempt without time");
        Attempts.Add((target, limit));
        ConnectOutcome outcome = port(clock.Elapsed);
        clock.Advance(outcome == ConnectOutcome.NoAnswer ? limit : AnswerTime);
        return outcome == ConnectOutcome.Open
            ? new ConnectAttempt(outcome, Connection: Open())
            : new ConnectAttempt(outcome, outcome == ConnectOutcome.Unreachable ? "No route to host" : "");
    }

    public IPAddress? LocalAddressTowards(IPAddress target) => Local;
}
