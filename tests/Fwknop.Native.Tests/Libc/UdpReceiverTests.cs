using System.Net;
using System.Net.Sockets;
using Fwknop.Native.Libc;
using Fwknop.TestSupport;

namespace Fwknop.Native.Tests.Libc;

public sealed class UdpReceiverTests
{
    /// <summary>What is used where the system has no IPv6: it tells the destination in another form.</summary>
    [RootFact]
    public void A_socket_for_IPv4_alone_tells_both_addresses()
    {
        using var space = NetworkNamespace.Create("udp");
        space.Inside(() =>
        {
            using var receiver = UdpReceiver.TryBind(SocketName.FamilyIPv4, null, 62201, 100, out _, out var error);
            Assert.True(receiver is not null, error.Text);
            using var set = new PollSet(receiver.Descriptor);
            using var sender = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
            sender.Bind(new IPEndPoint(IPAddress.Parse("127.0.0.9"), 40009));
            sender.SendTo("knock"u8.ToArray(), new IPEndPoint(IPAddress.Parse("127.0.0.3"), 62201));

            Assert.True(set.Wait(TimeSpan.FromSeconds(5)));
            Assert.True(receiver.TryReceive(out var datagram, out _));
            Assert.True("knock"u8.SequenceEqual(datagram.Payload));
            Assert.Equal([127, 0, 0, 9], datagram.SourceAddress.ToArray());
            Assert.Equal(40009, datagram.SourcePort);
            Assert.Equal([127, 0, 0, 3], datagram.DestinationAddress.ToArray());
            Assert.False(datagram.IsTruncated);
            Assert.False(receiver.TryReceive(out _, out error));
            Assert.Equal(Errno.None, error);
        });
    }
}
