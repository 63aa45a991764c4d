namespace Fwknop.Client;

/// <summary>The ways that packets go. What is asked of web services, and connections after a knock, have seams of their own.</summary>
internal sealed record Network(INameLookup Names, IDatagramSender Datagrams, IStreamSender Streams, IRawSender RawPackets)
{
    public static Network OfSystem(IRawSender rawPackets) =>
        new(new SystemNameLookup(), new UdpSender(), new TcpSender(TcpSender.ConnectTimeout), rawPackets);
}
