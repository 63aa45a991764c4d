using System.Buffers;
using Fwknop.Daemon.Ledger;
using Fwknop.Grants;

namespace Fwknop.Fuzz.Targets;

/// <summary>Input: one line of digest.cache. What is read is written so that it is read again as the same.</summary>
internal static class DigestLineTarget
{
    public static IReadOnlyList<byte[]> Corpus() =>
    [
        "Ge1OAKuMbBs45HPKcqgxuMmWmwsj5Brsk5Zp04wi+No 17 10.77.0.2 58928 10.77.0.1 62201 1795284547"u8.ToArray(),
        "Ge1OAKuMbBs45HPKcqgxuMmWmwsj5Brsk5Zp04wi+No 17 fd77::2 58928 fd77::1 62201 1795284547\r"u8.ToArray(),
        "Ge1OAKuMbBs45HPKcqgxuMmWmwsj5Brsk5Zp04wi+No\t1\t10.77.0.2\t0\t0.0.0.0\t0\t0 more"u8.ToArray(),
        DigestRecord.Header.ToArray(),
    ];

    public static void Check(byte[] input)
    {
        _ = DigestRecord.IsComment(input);
        if (!DigestRecord.TryParse(input, out SeenPacket packet))
        {
            Promise.Require(packet == default, "a refused line has a record");
            return;
        }

        ArrayBufferWriter<byte> line = new();
        DigestRecord.Append(packet, line);
        Promise.Require(line.WrittenSpan[^1] == (byte)'\n' && line.WrittenSpan.Count((byte)'\n') == 1, "a record is not one line");
        Promise.Require(DigestRecord.TryParse(line.WrittenSpan[..^1], out SeenPacket again) && again == packet, "a record is not read as it was written");
    }
}
