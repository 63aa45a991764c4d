namespace Fwknop.Client;

/// <summary>All ways to the network.</summary>
internal sealed record Network(INameLookup Names, IDatagramSender Datagrams, IStreamSender Streams, IRawSender RawPackets)
{
    public static Network OfSystem(IRawSender rawPackets) =>
        new(new SystemNameLookup(), new UdpSender(), new TcpSender(TcpSender.ConnectTimeout), rawPackets);
}
