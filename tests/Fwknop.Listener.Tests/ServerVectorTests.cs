using System.Net;
using System.Text;
using System.Text.Json;
using Fwknop.Configuration;
using Fwknop.Configuration.Access;
using Fwknop.Configuration.Server;
using Fwknop.Grants;
using Fwknop.Listener.Capture;
using Fwknop.Protocol;
using Fwknop.TestSupport;

namespace Fwknop.Listener.Tests;

/// <summary>
/// Sequences of datagrams that the reference daemon was sent, and what it did with each. Where the reference takes another spelling of
/// a recorded packet as new (scenarios 2 and 3), ours must refuse it.
/// </summary>
public sealed class ServerVectorTests
{
    public static TheoryData<int, string> Scenarios
    {
        get
        {
            TheoryData<int, string> rows = [];
            using JsonDocument document = Load();
            foreach ((int index, JsonElement scenario) in document.RootElement.GetProperty("scenarios").EnumerateArray().Index())
            {
                rows.Add(index, scenario.GetProperty("name").GetString()!);
            }

            return rows;
        }
    }

    [Theory]
    [MemberData(nameof(Scenarios))]
    public void Does_what_the_reference_did_but_takes_no_packet_twice(int index, string name)
    {
        using JsonDocument document = Load();
        JsonElement scenario = document.RootElement.GetProperty("scenarios")[index];
        using AccessPolicy policy = ReadPolicy(scenario);
        Pipeline pipeline = new(ReadSetup(scenario, policy));
        Verdict verdict = new();
        HashSet<string> acceptedMessages = [];

        foreach (JsonElement step in scenario.GetProperty("steps").EnumerateArray())
        {
            string description = $"{name}: {step.GetProperty("description").GetString()}";
            pipeline.Process(PacketOf(step, scenario), DateTimeOffset.UtcNow, verdict);
            string expected = step.GetProperty("real_outcome").GetString()!;
            bool isRepetition = expected == "accepted" && verdict.Request is null;
            if (isRepetition)
            {
                Assert.True(IsAnotherSpelling(step), $"{description}: refused with {Describe(verdict)}");
                continue;
            }

            AssertOutcome(expected, verdict, description);
            if (verdict.Request is { } request)
            {
                Assert.True(acceptedMessages.Add(request.Packet.Digest.ToString()), $"{description}: taken twice");
                AssertRule(step, Assert.IsType<GrantRequest>(request), description);
            }
        }
    }

    private static JsonDocument Load() => JsonDocument.Parse(File.ReadAllBytes(VectorFiles.PathOf("server.json")));

    // The steps in which the reference takes a known packet for a new one say what was changed.
    private static bool IsAnotherSpelling(JsonElement step)
    {
        string description = step.GetProperty("description").GetString()!;
        return description.Contains("changed", StringComparison.Ordinal) || description.Contains("padding sign", StringComparison.Ordinal)
            || description.Contains("salt prefix", StringComparison.Ordinal);
    }

    private static void AssertOutcome(string expected, Verdict verdict, string description)
    {
        StanzaVerdict? stanza = verdict.Stanzas.Count > 0 ? verdict.Stanzas[0] : null;
        bool fits = expected switch
        {
            "accepted" => stanza?.Outcome == Outcome.Granted,
            "preprocess:bad_data" => verdict.Outcome == Outcome.BadData,

            // A request without the right user agent is "not SPA data" in 2.6.10 and "bad data" in 2.6.11, which we follow.
            "preprocess:not_spa_data" => verdict.Outcome is Outcome.NotSpaData or Outcome.BadData,
            "replay" => verdict.Outcome == Outcome.Replay,

            // The reference cannot make a digest at this length; ours gets as far as telling the type by the length.
            "replay_digest_failed" => verdict.Outcome == Outcome.BadData || stanza?.Outcome == Outcome.NoEncryptionMatch,
            "no_matching_mode" => stanza?.Outcome == Outcome.NoEncryptionMatch,
            "too_old" => stanza?.Outcome == Outcome.TooOld,
            "command_not_allowed" => stanza?.Outcome == Outcome.CommandDisabled,
            "nat_not_enabled" => stanza?.Outcome == Outcome.NatDisabled,
            _ => stanza?.Outcome == Outcome.NotAuthentic && expected == $"decode_error:{stanza.Value.Rejection.GetName()}",
        };
        Assert.True(fits, $"{description}: expected {expected}, got {Describe(verdict)}");
    }

    private static void AssertRule(JsonElement step, GrantRequest request, string description)
    {
        if (step.TryGetProperty("rule", out JsonElement rule))
        {
            Assert.True(rule.GetString() == $"{request.Allow} -> 0.0.0.0/0 {string.Join(',', request.Ports)}", description);
        }
    }

    private static string Describe(Verdict verdict) =>
        $"{verdict.Outcome} {string.Join(' ', verdict.Stanzas.Select(found => $"{found.Outcome}/{found.Rejection}"))}";

    private static Datagram PacketOf(JsonElement step, JsonElement scenario) => new()
    {
        Payload = step.GetProperty("datagram_b64").GetBytesFromBase64(),
        SourceBits = PackedAddress.From(IPAddress.Parse(scenario.GetProperty("source_ip").GetString()!)),
        DestinationBits = PackedAddress.From(IPAddress.Loopback),
        SourcePort = 40000,
        DestinationPort = 62201,
        Protocol = IpProtocol.Udp,
    };

    private static AccessPolicy ReadPolicy(JsonElement scenario)
    {
        Loaded<AccessPolicy> loaded = AccessFile.Parse(TextOf(scenario, "access_conf"), "access.conf", TimeZoneInfo.Utc);
        return loaded.Value ?? throw new InvalidOperationException(string.Join('\n', loaded.Diagnostics));
    }

    private static ListenerSetup ReadSetup(JsonElement scenario, AccessPolicy policy)
    {
        ServerOptions options = ServerCommandLine.Parse("fwknopd", ["-f", "-U"]);
        Loaded<ServerConfig> loaded = ServerConfigFile.Parse(TextOf(scenario, "fwknopd_conf"), options);
        ServerConfig config = loaded.Value ?? throw new InvalidOperationException(string.Join('\n', loaded.Diagnostics));
        return new ListenerSetup
        {
            Capture = CaptureMode.Udp,
            MaxPacketAge = config.ChecksPacketAge ? config.MaxPacketAge : null,
            AcceptHttp = config.AcceptsHttp,
            AllowAnyUserAgent = config.AllowsAnyUserAgent,
            Stanzas = policy.Stanzas,
        };
    }

    private static byte[] TextOf(JsonElement scenario, string name) => Encoding.UTF8.GetBytes(
        string.Join('\n', scenario.GetProperty(name).EnumerateArray().Select(line => line.GetString())) + "\n");
}
