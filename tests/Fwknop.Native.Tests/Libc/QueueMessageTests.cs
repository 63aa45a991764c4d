using Fwknop.Native.Libc;

namespace Fwknop.Native.Tests.Libc;

/// <summary>Bytes as the kernel's headers lay them out, on a machine whose integers are little-endian.</summary>
public sealed class QueueMessageTests
{
    // Length, type 0x300, flags, sequence, port; family 2, version, queue 1; packet header (id 0x01020304), mark, payload (5 bytes and padding).
    private const string Packet = "38000000" + "0003" + "0000" + "00000000" + "00000000" + "02000001"
        + "0B000100" + "01020304" + "0800" + "0100" + "08000300" + "00000001" + "09000A00" + "4142434445" + "000000";

    [Fact]
    public void A_verdict_has_its_numbers_in_network_order()
    {
        Assert.Equal(
            "20000000" + "0103" + "0100" + "00000000" + "00000000" + "00000102" + "0C000200" + "00000001" + "01020304",
            Convert.ToHexString(QueueMessage.Verdict(0x102, 0x01020304, passes: true)));
    }

    [Fact]
    public void A_packet_is_read()
    {
        Assert.True(QueueMessage.TryReadPacket(Convert.FromHexString(Packet), out QueuedPacket packet));
        Assert.Equal(0x01020304u, packet.Id);
        Assert.Equal("ABCDE"u8, packet.Data);
    }

    [Fact]
    public void What_is_cut_or_altered_anywhere_is_read_or_not_but_never_beyond_its_end()
    {
        byte[] whole = Convert.FromHexString(Packet);
        for (int length = 0; length < whole.Length; length++)
        {
            QueueMessage.TryReadPacket(whole.AsSpan(0, length), out QueuedPacket cut);
            Assert.True(cut.Data.Length <= length);
            foreach (byte value in (byte[])[0, 1, 3, 0x7F, 0xFF])
            {
                byte[] altered = [.. whole];
                altered[length] = value;
                QueueMessage.TryReadPacket(altered, out QueuedPacket packet);
                Assert.True(packet.Data.Length <= whole.Length);
            }
        }
    }

    [Fact]
    public void An_answer_is_told_from_a_packet()
    {
        byte[] answer = Convert.FromHexString("24000000" + "0200" + "0000" + "00000000" + "00000000" + "F0FFFFFF" + "00000000000000000000000000000000");

        Assert.Equal(16, QueueMessage.ReadAnswer(answer));
        Assert.Null(QueueMessage.ReadAnswer(Convert.FromHexString(Packet)));
        Assert.False(QueueMessage.TryReadPacket(answer, out _));
    }
}
