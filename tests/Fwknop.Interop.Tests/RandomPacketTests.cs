using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using Fwknop.Protocol;
using Fwknop.TestSupport;
using Xunit.Abstractions;

namespace Fwknop.Interop.Tests;

/// <summary>Any packet that the reference's client makes opens with our library to the fields which that client says are in it.</summary>
public sealed class RandomPacketTests(ITestOutputHelper output)
{
    private const int Count = 60;
    private const int LongestRead = 399;

    private static readonly string[] Digests = ["md5", "sha1", "sha256", "sha384", "sha512", "sha3_256", "sha3_512"];
    private static readonly string[] Modes = ["CBC", "ECB", "CFB", "OFB", "CTR", "legacy"];

    [InteropFact]
    public void Packets_of_the_reference_open_to_the_fields_it_shows()
    {
        int seed = Environment.TickCount;
        output.WriteLine($"seed {seed}");
        Random random = new(seed);
        int opened = 0;
        for (int number = 0; number < Count; number++)
        {
            Request request = new(random);
            ProcessRun run = ProcessRun.Run(new ProcessCommand(
                Reference.ClientProgram, ["-T", "--no-rc-file", "--no-save-args", "-D", "host", .. request.Arguments])
            {
                Environment = new Dictionary<string, string?> { ["SPOOF_USER"] = null, ["LOGNAME"] = "tester", ["HOME"] = "/nonexistent" },
            });
            string call = $"seed {seed}, call {number}: {string.Join(' ', request.Arguments)}\n{run.Output}{run.Errors}";
            Assert.True(run.ExitCode == 0, call);
            byte[] packet = Encoding.ASCII.GetBytes(Field(run, "Final SPA Data"));
            if (packet.Length > LongestRead)
            {
                continue;
            }

            using PacketKeys keys = request.Keys();
            Assert.True(SpaPacket.TryOpen(packet, keys, out AuthenticMessage? message, out Rejection why), $"{why}, {call}");
            Assert.True(Shown(run) == Shown(message!), $"{Shown(message!)}\n{call}");
            opened++;
        }

        Assert.InRange(opened, Count / 2, Count);
    }

    private static string Field(ProcessRun run, string name) => Regex.Match(run.Output, $"^ *{name}: (.*)$", RegexOptions.Multiline).Groups[1].Value;

    private static string Shown(ProcessRun run) => string.Join('\n', new[]
    {
        "Random Value", "Username", "Timestamp", "FKO Version", "Message Type", "Message String", "Nat Access", "Server Auth", "Client Timeout",
        "Digest Type", "Encoded Data", "SPA Data Digest", "HMAC",
    }.Select(name => name is "Message Type" or "Digest Type" ? Field(run, name).Split(' ')[0] : Field(run, name)));

    private static string Shown(AuthenticMessage opened)
    {
        SpaMessage message = opened.Message;
        return string.Create(CultureInfo.InvariantCulture, $"""
            {message.RandomValue}
            {message.Username}
            {message.Timestamp}
            {message.Version}
            {(int)message.Type}
            {message.Message}
            {message.NatAccess?.ToString() ?? "<NULL>"}
            {message.ServerAuth?.ToString() ?? "<NULL>"}
            {message.ClientTimeout}
            {(int)opened.DigestType}
            {opened.EncodedMessage}
            {opened.Digest}
            {opened.Hmac ?? "<NULL>"}
            """);
    }

    /// <summary>A call that the reference accepts.</summary>
    private sealed class Request
    {
        private readonly Random _random;
        private readonly List<string> _arguments = [];
        private readonly string _key;
        private readonly string? _hmacKey;
        private readonly HmacType _hmac;
        private readonly EncryptionMode _mode;

        public Request(Random random)
        {
            _random = random;
            string mode = Pick(Modes);
            bool isLegacy = mode == "legacy";
            _key = Word(1, isLegacy ? 16 : 32);
            _hmacKey = isLegacy || random.Next(4) == 0 ? null : Word(1, 128);
            string hmac = Pick(Digests);
            Assert.True(AlgorithmNames.TryParseMode(mode, out _mode));
            Assert.True(AlgorithmNames.TryParseHmac(hmac, out _hmac));
            _arguments.AddRange(["-M", mode, "-m", Pick(Digests), "--key-rijndael", _key, .. random.Next(3) == 0 ? ["-s"] : new[] { "-a", Address() }]);
            if (_hmacKey is not null)
            {
                _arguments.AddRange(["--key-hmac", _hmacKey, "--hmac-digest-type", hmac]);
            }

            AddContent();
            AddRest();
        }

        public IReadOnlyList<string> Arguments => _arguments;

        public PacketKeys Keys() => new(
            EncryptionKey.FromBytes(Encoding.ASCII.GetBytes(_key)),
            _hmacKey is null ? null : HmacKey.FromBytes(Encoding.ASCII.GetBytes(_hmacKey)),
            _hmac,
            _mode);

        private void AddContent()
        {
            if (_random.Next(5) == 0)
            {
                _arguments.AddRange(["-C", $"{Word(1, 20)} {Word(0, 10)}"]);
                return;
            }

            _arguments.AddRange(["-A", string.Join(',', Enumerable.Range(0, _random.Next(1, 3)).Select(_ => $"{Pick(["tcp", "udp"])}/{_random.Next(1, 65536)}"))]);
            string[][] nats = [[], [], ["-N", Address()], ["-N", $"{Address()}:{_random.Next(1, 65536)}"], ["--nat-local"]];
            _arguments.AddRange(nats[_random.Next(nats.Length)]);
            string[][] timeouts = [[], ["-f", "0"], ["-f", $"{_random.Next(65537)}"]];
            _arguments.AddRange(timeouts[_random.Next(timeouts.Length)]);
        }

        private void AddRest()
        {
            if (_random.Next(2) == 0)
            {
                _arguments.AddRange(["-U", Name()]);
            }

            if (_random.Next(3) == 0)
            {
                _arguments.AddRange([Pick(["--time-offset-plus", "--time-offset-minus"]), $"{_random.Next(65537)}{Pick(["", "s", "m", "h"])}"]);
            }
        }

        private string Pick(IReadOnlyList<string> choices) => choices[_random.Next(choices.Count)];

        private string Address() => string.Join('.', Enumerable.Range(0, 4).Select(_ => _random.Next(1, 255)));

        private string Word(int shortest, int longest) =>
            string.Concat(Enumerable.Range(0, _random.Next(shortest, longest + 1)).Select(_ => (char)_random.Next('!', '~' + 1)));

        private string Name() => string.Concat(Enumerable.Range(0, _random.Next(1, 9)).Select(_ => Pick(["a", "Z", "0", "_", "-", ".", "@", "$", "~", "(", "{"])));
    }
}
