using System.Diagnostics;
using System.Globalization;
using System.Net;
using Fwknop.Protocol;
using Fwknop.TestSupport;

namespace Fwknop.Benchmarks;

/// <summary>One daemon with many live grants, from the first to the end of the last.</summary>
/// <param name="candidate">Its firewall.</param>
/// <param name="grants">How many.</param>
/// <param name="seconds">How long each lasts.</param>
internal sealed class Measurement(Candidate candidate, int grants, int seconds)
{
    /// <summary>What the socket buffer of a busy daemon can hold.</summary>
    private const int Burst = 50;

    private const int ExtraKnocks = 20;

    /// <summary>How long nothing is sent while what the daemon uses is measured.</summary>
    public static readonly TimeSpan IdleTime = TimeSpan.FromSeconds(5);

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    /// <summary>What the kernel ends by itself ends up to one second later, as with ipset; and asking takes time.</summary>
    private static readonly TimeSpan WholeSeconds = TimeSpan.FromSeconds(3);

    public Result Run()
    {
        using TestNetwork network = TestNetwork.Create();
        using TemporaryFolder folder = new();
        using EncryptionKey key = EncryptionKey.Generate();
        using HmacKey hmacKey = HmacKey.Generate();
        using PacketKeys keys = new(key, hmacKey);
        string access = string.Create(
            CultureInfo.InvariantCulture,
            $"SOURCE ANY\nFW_ACCESS_TIMEOUT {seconds}\nKEY_BASE64 {Base64(key)}\nHMAC_KEY_BASE64 {Base64(hmacKey)}\n{candidate.Stanza}");
        if (candidate.Ruleset is { } ruleset)
        {
            network.Server.RunChecked("nft", ruleset);
        }

        using LogTail log = new(folder.FilePath("log"));
        using SpaDaemon daemon = SpaDaemon.Launch(
            LoggingTo(folder), network.Server, new DaemonSetup(access, $"LOG_FORMAT json;\n{candidate.Configuration}"));
        log.ReadUntil(() => log.IsReady, Patience, "the daemon to be ready");

        TimeSpan filling = Fill(network, keys, log);

        // What the runtime compiles anew after so much work is not what is measured.
        Thread.Sleep(IdleTime);
        Usage idle = Usage.During(IdleTime, daemon);
        TimeSpan[] more = [.. Enumerable.Range(grants, ExtraKnocks).Select(number => Knock(network, keys, log, number))];
        int open = candidate.CountOpen(network.Server);
        log.ReadUntil(() => true, Patience, "the log");
        if (log.Closed.Count > 0)
        {
            throw new InvalidOperationException($"The first grant ended before the last was made ({filling.TotalSeconds:0} s): use longer ones (--seconds).");
        }

        if (open != grants + ExtraKnocks)
        {
            throw new InvalidOperationException($"{candidate.Name} lets {open} clients in, not {grants + ExtraKnocks}.");
        }

        log.ReadUntil(() => log.Closed.Count == grants + ExtraKnocks, TimeSpan.FromSeconds(seconds) + Patience, "the end of all grants");
        Deadline.WaitUntil(() => candidate.CountOpen(network.Server) == 0, WholeSeconds, "a kernel without grants");
        TimeSpan[] late = [.. log.Closed.Select(closed => closed.Value - log.Opened[closed.Key] - TimeSpan.FromSeconds(seconds))];
        return daemon.Stop() == 0
            ? new Result(filling, idle, new Distribution(more), new Distribution(late))
            : throw new InvalidOperationException("The daemon did not end well.");
    }

    private TimeSpan Fill(TestNetwork network, PacketKeys keys, LogTail log)
    {
        byte[][] packets = [.. Enumerable.Range(0, grants).Select(number => Packet(keys, number))];
        long started = Stopwatch.GetTimestamp();
        int sent = 0;
        foreach (byte[][] burst in packets.Chunk(Burst))
        {
            UdpSender.Send(network.Client, network.ServerAddress, burst);
            sent += burst.Length;
            log.ReadUntil(() => log.Opened.Count == sent, Patience, "grants");
        }

        return Stopwatch.GetElapsedTime(started);
    }

    private static TimeSpan Knock(TestNetwork network, PacketKeys keys, LogTail log, int number)
    {
        byte[] packet = Packet(keys, number);
        DateTimeOffset sent = DateTimeOffset.UtcNow;
        UdpSender.Send(network.Client, network.ServerAddress, [packet]);
        string address = Address(number).ToString();
        log.ReadUntil(() => log.Opened.ContainsKey(address), Patience, "a grant");
        return log.Opened[address] - sent;
    }

    /// <summary>A program that is the daemon, with its log in a file: tens of thousands of lines.</summary>
    private static string LoggingTo(TemporaryFolder folder)
    {
        string script = folder.Write("fwknopd", $"#!/bin/sh\nexec '{Programs.Daemon}' \"$@\" 2>>'{folder.FilePath("log")}'\n");
        File.SetUnixFileMode(script, UnixFileMode.UserRead | UnixFileMode.UserExecute);
        return script;
    }

    private static byte[] Packet(PacketKeys keys, int number)
    {
        SpaMessage message = SpaMessage.Access("bench", DateTimeOffset.UtcNow, Address(number), PortSpec.Tcp(22));
        return SpaPacket.Seal(message, keys, DigestType.Sha256).Bytes.ToArray();
    }

    private static IPAddress Address(int number) => new([10, (byte)(number / 40000), (byte)(number / 200 % 200), (byte)((number % 200) + 1)]);

    private static string Base64(SpaKey key)
    {
        Span<byte> bytes = stackalloc byte[key.Length];
        key.CopyTo(bytes);
        return Convert.ToBase64String(bytes);
    }
}
