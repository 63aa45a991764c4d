using System.Text;
using Fwknop.Protocol;
using Fwknop.TestSupport;

namespace Fwknop.Client.Tests;

/// <summary>The client in the test's process: with a folder of its own as home, and stand-ins for clock, keyboard and network.</summary>
internal sealed class ClientHarness : IDisposable
{
    public const string Key = "encryption key";
    public const string HmacKey = "hmac key";

    private readonly TemporaryFolder _home = new();

    public static DateTimeOffset Now { get; } = DateTimeOffset.FromUnixTimeSeconds(1_700_000_000);

    public IPlatform Platform { get; set; } = new LinuxPlatform();

    public Dictionary<string, string?> Variables { get; } = [];

    public FakePrompt Prompt { get; } = new();

    /// <summary>What standard input answers to questions, line by line.</summary>
    public Queue<string> Answers { get; } = [];

    public FakeSender Sender { get; } = new();

    /// <summary>Sends raw packets in place of <see cref="Sender"/>.</summary>
    public IRawSender? RawPackets { get; set; }

    /// <summary>Nobody outside is asked.</summary>
    public ResolverSetup Resolving { get; set; } = new()
    {
        Services = ["https://127.0.0.1:1"],
        PlainServices = ["http://127.0.0.1:1"],
        PlainPause = TimeSpan.Zero,
    };

    public FollowingSetup Following { get; set; } = new();

    /// <summary>Stands at <see cref="Now"/>.</summary>
    public TimeProvider Clock { get; set; } = new FixedClock();

    public string Account { get; set; } = "tester";

    public bool IsOutputTerminal { get; set; }

    public string RcPath => _home.FilePath(".fwknoprc");

    public string Path(string name) => _home.FilePath(name);

    public string Write(string name, string content) => _home.Write(name, content);

    /// <summary>Writes the rc file, mode 0600.</summary>
    public ClientHarness WithRc(string content)
    {
        _home.Write(".fwknoprc", content);
        return this;
    }

    public ClientEnvironment Environment() => new()
    {
        Platform = Platform,
        Variable = name => name == "HOME" && !Variables.ContainsKey(name) ? _home.Path : Variables.GetValueOrDefault(name),
        AccountName = () => Account,
        Clock = Clock,
        Prompt = _ => Prompt,
        IsOutputTerminal = () => IsOutputTerminal,
        ReadAnswer = () => Answers.TryDequeue(out string? answer) ? answer : null,
        Network = RawPackets is null ? Sender.Network : Sender.Network with { RawPackets = RawPackets },
        Following = Following,
        Resolving = Resolving,
    };

    public ClientRunResult Run(params string[] arguments)
    {
        using MemoryStream output = new();
        using MemoryStream error = new();
        int status = new ClientRun(new Messages(output, error), Environment()).Run(arguments);
        return new ClientRunResult(status, Encoding.UTF8.GetString(output.ToArray()), Encoding.UTF8.GetString(error.ToArray()));
    }

    /// <summary>Sends with both keys on the command line and opens the packet as a server would.</summary>
    public AuthenticMessage Knock(params string[] arguments)
    {
        ClientRunResult run = Run([.. arguments, "--key-rijndael", Key, "--key-hmac", HmacKey, "--no-rc-file"]);
        Assert.Equal(0, run.Status);
        using PacketKeys keys = KeysOf(Key, HmacKey);
        Assert.True(SpaPacket.TryOpen(Sender.Packet, keys, out AuthenticMessage? message, out Rejection why), why.ToString());
        return message!;
    }

    public static PacketKeys KeysOf(string key, string? hmacKey)
    {
        Assert.True(EncryptionKey.TryFromPassphrase(key, out EncryptionKey? encryption));
        HmacKey? hmac = null;
        Assert.True(hmacKey is null || Fwknop.Protocol.HmacKey.TryFromPassphrase(hmacKey, out hmac));
        return new PacketKeys(encryption!, hmac);
    }

    public void Dispose() => _home.Dispose();

    private sealed class FixedClock : TimeProvider
    {
        public override TimeZoneInfo LocalTimeZone { get; } =
            TimeZoneInfo.CreateCustomTimeZone("Test/Zone", new TimeSpan(hours: 5, minutes: 45, seconds: 0), null, null);

        public override DateTimeOffset GetUtcNow() => Now;
    }
}
