using System.Text;
using Fwknop.Client;

namespace Fwknop.Fuzz.Targets;

/// <summary>What the client reads: rc files, kept command lines, key files, answers of a resolver.</summary>
internal static class ClientTargets
{
    private const string Stanza = "mine";

    public static IReadOnlyList<byte[]> RcCorpus() =>
    [
        "# comment\n[default]\nSPA_SERVER_PORT 62201 ; why\n\n[mine]\nKEY old\n;x\nACCESS tcp/22\n[other]\nKEY \"a b\"\n"u8.ToArray(),
        "[MINE] rest\r\nKEY: old\r\nHMAC_KEY = b\r\n[mine]\nFW_TIMEOUT\t3\nKEY=x\n"u8.ToArray(),
        "  [ mine]\n[mine\n]\nKEY #\n KEY x\nKEY \"a#b\" c\n[mine]"u8.ToArray(),
        "no newline"u8.ToArray(),
    ];

    /// <summary>Input: an rc file. A stanza put into it is read back as it was; every other line stays.</summary>
    public static void CheckRc(byte[] input)
    {
        string[] kept = input.Length % 2 == 0 ? [] : ["KEY"];
        RcEntry[] entries =
        [
            new("FW_TIMEOUT", 1, SecretBytes.CopyOf("30"u8)),
            new("SPOOF_USER", 2, SecretBytes.CopyOf("a b;c#"u8)),
            new("KEY", 3, SecretBytes.CopyOf("=new"u8)),
        ];
        Promise.Require(StanzaEditor.FirstProblem(Stanza, entries) is null, "good entries are refused");
        using RcText before = TextOf(input);
        using SecretBuffer output = new();
        new StanzaEditor(Stanza, entries, kept.ToHashSet(), output).Apply(before);
        using RcText after = TextOf(output.Span);

        List<string> written = [.. entries.Where(entry => !kept.Contains(entry.Keyword)).Select(entry => $"{entry.Keyword} {Encoding.Latin1.GetString(entry.Value.Span)}")];
        List<string> old = Parameters(before, inside: true).FindAll(line => kept.Contains(line.Split(' ')[0]));
        Promise.Require(Parameters(after, inside: true).Order().SequenceEqual(written.Concat(old).Order()), "the stanza is not what was written");
        Promise.Require(Parameters(after, inside: false).SequenceEqual(Parameters(before, inside: false)), "a line of another stanza has changed");
        Promise.Require(after.HasStanza(Stanza), "the stanza is not there");
    }

    public static IReadOnlyList<byte[]> WordsCorpus() =>
    [
        "fwknop -A tcp/22 -s    -D 127.0.0.1 --verbose --get-key F "u8.ToArray(),
        @"fwknop -U 'a b' -C 'it'\''s' '' "u8.ToArray(),
        "fwknop -C don't\t-x"u8.ToArray(),
    ];

    /// <summary>Input: words, each ended by a newline. They are split as they were joined; any text is split.</summary>
    public static void CheckWords(byte[] input)
    {
        string text = Encoding.UTF8.GetString(input);
        string[] words = text.Split('\n');
        Promise.Require(ShellWords.Split(ShellWords.Join(words)).SequenceEqual(words), "words are not split as they were joined");
        Promise.Require(text.Contains('\'', StringComparison.Ordinal) || text.Contains('\\', StringComparison.Ordinal)
            || ShellWords.Split(text).SequenceEqual(text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries)), "an unquoted line is not split at its blanks");
        _ = ShellWords.Split(text);
    }

    public static IReadOnlyList<byte[]> KeyFileCorpus() =>
    [
        "# hosts\nhost: secret\n  =other: x\nhost: = last \r\n"u8.ToArray(),
        "host:\nhost\n;host: x\nhost:key"u8.ToArray(),
    ];

    /// <summary>Input: a key file. A key is a part of one line that names the host.</summary>
    public static void CheckKeyFile(byte[] input)
    {
        ReadOnlySpan<byte> key = KeyFile.Find(input, "host"u8);
        Promise.Require(!key.Contains((byte)'\n'), "a key has a line break");
        Promise.Require(key.IsEmpty || input.AsSpan().IndexOf("host:"u8) >= 0, "a key of a host that is not in the file");
        Promise.Require(KeyFile.Find([.. input, .. "\nhost: last"u8], "host"u8).SequenceEqual("last"u8), "the last line does not win");
    }

    public static IReadOnlyList<byte[]> ReplyCorpus() =>
    [
        "HTTP/1.1 200 OK\r\nDate: Sun, 06 Nov 1994 08:49:37 GMT\r\n\r\n192.0.2.1\r\n"u8.ToArray(),
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5;x=y\r\n192.0\r\n4\r\n.2.1\r\n0\r\n\r\n"u8.ToArray(),
        "HTTP/1.1 200\r\ntransfer-encoding: gzip, chunked\r\n\r\nffffffff\r\nx"u8.ToArray(),
        "HTTP/1.0 404 no\r\n\r\n"u8.ToArray(),
    ];

    /// <summary>Input: an answer of a resolver. It falls into header and body, and no body is longer than what came.</summary>
    public static void CheckReply(byte[] input)
    {
        PlainHttpReply? reply = PlainHttpReply.Parse(input);
        Promise.Require((reply is null) == (input.AsSpan().IndexOf("\r\n\r\n"u8) < 0), "only an answer without end of its header is none");
        Promise.Require(reply is null || (reply.Status is >= 0 and <= 999 && reply.Header.Length + reply.Body.Length <= input.Length), "an answer grew");
    }

    private static RcText TextOf(ReadOnlySpan<byte> content) => new("rc", new SecretBuffer().Append(content));

    // What counts of the lines in the stanza or outside of it; lines that hold no parameter by their text.
    private static List<string> Parameters(RcText file, bool inside)
    {
        List<string> lines = [];
        bool isInside = false;
        foreach (ReadOnlySpan<byte> line in file)
        {
            RcLine parsed = RcLine.Parse(line);
            isInside = parsed.Kind == RcLineKind.Header ? parsed.IsHeaderOf(Stanza) : isInside;
            string text = Encoding.Latin1.GetString(line).TrimEnd('\n');
            if (isInside == inside && (inside ? parsed.Kind is RcLineKind.Parameter or RcLineKind.Incomplete : text.Length > 0))
            {
                lines.Add(inside ? $"{parsed.NameText} {Encoding.Latin1.GetString(parsed.Value)}" : text);
            }
        }

        return lines;
    }
}
