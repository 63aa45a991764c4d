using System.Net;

namespace Fwknop.Client;

/// <summary>For systems on which raw packets are not supported yet (client.md 17).</summary>
internal sealed class NoRawSender : IRawSender
{
    public IPAddress? SourceTowards(IPAddress destination) => null;

    public SendFailure? Send(IPAddress destination, ReadOnlySpan<byte> packet) => new(SendStep.NotSupported, string.Empty);
}
