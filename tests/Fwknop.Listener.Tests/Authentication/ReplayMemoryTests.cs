using System.Security.Cryptography;
using System.Text;
using Fwknop.Grants;
using Fwknop.Listener.Authentication;
using Fwknop.Protocol;

namespace Fwknop.Listener.Tests.Authentication;

public sealed class ReplayMemoryTests
{
    [Fact]
    public void Knows_what_was_added_and_nothing_else()
    {
        ReplayMemory memory = new([]);
        Assert.False(memory.Knows("packet"u8, out _));

        Assert.True(memory.TryAdd(Packet("packet", 1)));

        Assert.True(memory.Knows("packet"u8, out SeenPacket found));
        Assert.Equal(Packet("packet", 1), found);
        Assert.False(memory.Knows("packet "u8, out _));
        Assert.False(memory.Knows("Packet"u8, out _));
        Assert.False(memory.Knows(""u8, out _));
    }

    [Fact]
    public void Keeps_the_first_of_two()
    {
        ReplayMemory memory = new([]);
        memory.TryAdd(Packet("packet", 1));
        Assert.False(memory.TryAdd(Packet("packet", 2)));
        memory.Knows("packet"u8, out SeenPacket found);
        Assert.Equal(1, found.ReceivedAt);
    }

    [Fact]
    public void Knows_the_packets_of_earlier_runs_also_when_one_stands_twice()
    {
        ReplayMemory memory = new([Packet("a", 1), Packet("b", 2), Packet("a", 3)]);
        Assert.True(memory.Knows("a"u8, out SeenPacket found));
        Assert.Equal(3, found.ReceivedAt);
        Assert.True(memory.Knows("b"u8, out _));
        Assert.False(memory.TryAdd(Packet("b", 4)));
    }

    [Fact]
    public void Is_asked_without_allocating()
    {
        ReplayMemory memory = new([Packet("a", 1)]);
        byte[] packet = new byte[300];
        memory.Knows(packet, out _);
        long before = GC.GetAllocatedBytesForCurrentThread();
        bool known = memory.Knows(packet, out _);
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
        Assert.False(known);
    }

    private static SeenPacket Packet(string text, long receivedAt) =>
        new(new ReplayDigest(SHA256.HashData(Encoding.ASCII.GetBytes(text))), default, receivedAt);
}
