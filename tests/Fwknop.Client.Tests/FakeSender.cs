using System.Net;

namespace Fwknop.Client.Tests;

/// <summary>A network that keeps what it is given. Every name is <see cref="Default"/> unless it stands in <see cref="Addresses"/>.</summary>
internal sealed class FakeSender : INameLookup, IDatagramSender, IStreamSender, IRawSender
{
    public static IPAddress Default { get; } = IPAddress.Parse("192.0.2.1");

    public List<SentPacket> Sent { get; } = [];

    public Dictionary<string, IPAddress[]> Addresses { get; } = new() { ["localhost"] = [IPAddress.Loopback, IPAddress.IPv6Loopback] };

    /// <summary>What names were looked up.</summary>
    public List<string> Asked { get; } = [];

    public string? LookupProblem { get; set; }

    /// <summary>What every sending comes to.</summary>
    public SendFailure? Failure { get; set; }

    /// <summary>What sending to one address comes to.</summary>
    public Dictionary<IPAddress, SendFailure> Failures { get; } = [];

    public byte[] Packet => Assert.Single(Sent).Packet;

    public Network Network => new(this, this, this, this);

    public IReadOnlyList<IPAddress> Find(string name, out string? problem)
    {
        Asked.Add(name);
        problem = LookupProblem;
        return problem is not null ? [] : Addresses.GetValueOrDefault(name) ?? [Default];
    }

    SendFailure? IDatagramSender.Send(IPEndPoint target, int sourcePort, ReadOnlySpan<byte> payload) =>
        Keep(new SentPacket(TransportKind.Datagram, target, sourcePort, payload.ToArray()));

    SendFailure? IStreamSender.Send(IPEndPoint target, int sourcePort, ReadOnlySpan<byte> payload) =>
        Keep(new SentPacket(TransportKind.Stream, target, sourcePort, payload.ToArray()));

    public IPAddress? SourceTowards(IPAddress destination) => IPAddress.Parse("198.51.100.7");

    public SendFailure? Send(IPAddress destination, ReadOnlySpan<byte> packet) =>
        Keep(new SentPacket(TransportKind.Raw, new IPEndPoint(destination, 0), 0, packet.ToArray()));

    private SendFailure? Keep(SentPacket packet)
    {
        SendFailure? failure = Failure ?? Failures.GetValueOrDefault(packet.Target.Address);
        if (failure is null)
        {
            Sent.Add(packet);
        }

        return failure;
    }
}
