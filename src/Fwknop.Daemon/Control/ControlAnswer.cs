using System.Buffers;
using System.Text.Json;
using Fwknop.Daemon.Commands;
using Fwknop.Daemon.Enforcement;
using Fwknop.Grants;

namespace Fwknop.Daemon.Control;

/// <summary>The daemon's answer to a <see cref="ControlRequest"/>: one JSON object on one line (docs/control.md). What is not known is null.</summary>
internal abstract record ControlAnswer
{
    private ControlAnswer()
    {
    }

    /// <summary>Nothing was done.</summary>
    /// <param name="Error">Why, for whoever asked.</param>
    public sealed record Refused(string Error) : ControlAnswer;

    /// <summary>The grants that are open, the first to end first.</summary>
    public sealed record Grants(IReadOnlyList<OpenGrant> Open) : ControlAnswer;

    /// <summary>What was taken back.</summary>
    /// <param name="Revoked">The grants that have ended.</param>
    public sealed record Revocation(IReadOnlyList<OpenGrant> Revoked) : ControlAnswer
    {
        /// <summary>How many connections were ended; null when that was not asked for.</summary>
        public int? Cut { get; init; }

        /// <summary>What could not be done.</summary>
        public IReadOnlyList<string> Problems { get; init; } = [];
    }

    /// <summary>What the daemon is and has done.</summary>
    /// <param name="Program">Its version.</param>
    /// <param name="Since">When it was started.</param>
    /// <param name="Firewall">What it changes.</param>
    /// <param name="Open">How many grants are open.</param>
    /// <param name="Counters">What has been counted, by name.</param>
    public sealed record Status(
        string Program, DateTimeOffset Since, string Firewall, int Open, IReadOnlyList<KeyValuePair<string, long>> Counters) : ControlAnswer;

    /// <summary>The answer as it is sent, with the line's end.</summary>
    public byte[] ToBytes()
    {
        ArrayBufferWriter<byte> bytes = new();
        using (Utf8JsonWriter json = new(bytes))
        {
            json.WriteStartObject();
            json.WriteNumber("protocol", ControlRequest.Protocol);
            WriteFields(json);
            json.WriteEndObject();
        }

        bytes.Write("\n"u8);
        return bytes.WrittenSpan.ToArray();
    }

    private void WriteFields(Utf8JsonWriter json)
    {
        switch (this)
        {
            case Refused refused:
                json.WriteString("error", refused.Error);
                break;
            case Grants grants:
                WriteGrants(json, "grants", grants.Open);
                break;
            case Revocation revocation:
                WriteGrants(json, "revoked", revocation.Revoked);
                WriteNumber(json, "cut", revocation.Cut);
                json.WriteStartArray("problems");
                foreach (string problem in revocation.Problems)
                {
                    json.WriteStringValue(problem);
                }

                json.WriteEndArray();
                break;
            case Status status:
                WriteStatus(json, status);
                break;
        }
    }

    private static void WriteStatus(Utf8JsonWriter json, Status status)
    {
        json.WriteBoolean("running", true);
        json.WriteNumber("pid", Environment.ProcessId);
        json.WriteString("program", status.Program);
        json.WriteString("since", LogField.TimeText(status.Since.ToUnixTimeSeconds()));
        json.WriteString("firewall", status.Firewall);
        json.WriteNumber("grants", status.Open);
        json.WriteStartObject("counters");
        foreach ((string name, long count) in status.Counters)
        {
            json.WriteNumber(name, count);
        }

        json.WriteEndObject();
    }

    private static void WriteGrants(Utf8JsonWriter json, string name, IReadOnlyList<OpenGrant> grants)
    {
        json.WriteStartArray(name);
        foreach (OpenGrant grant in grants)
        {
            json.WriteStartObject();
            json.WriteString("address", NetworkText.Of(grant.Addresses));
            json.WriteString("destination", grant.Destination?.ToString());
            json.WriteString("port", grant.Ports?.ToString());
            json.WriteString("forward", grant.Forward);
            WriteNumber(json, "stanza", grant.Stanza);
            json.WriteString("stanza_name", grant.Holder?.StanzaName);
            json.WriteString("user", grant.Holder?.User);
            json.WriteString("since", grant.Holder is { } holder ? LogField.TimeText(holder.Since) : null);
            json.WriteString("until", LogField.TimeText(grant.Until));
            json.WriteNumber("remaining", (long)Math.Ceiling(grant.Remaining.TotalSeconds));
            json.WriteString("back_end", grant.BackEnd);
            json.WriteString("state", TextOf(grant.State));
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    private static string? TextOf(CycleState? state) => state switch
    {
        null => null,
        CycleState.Opening => "opening",
        CycleState.Open => "open",
        CycleState.OpenFailed => "open_failed",
        CycleState.Closing => "closing",
        CycleState.CloseFailed => "close_failed",
        _ => throw new InvalidOperationException($"No such state: {state}"),
    };

    private static void WriteNumber(Utf8JsonWriter json, string name, int? value)
    {
        if (value is { } number)
        {
            json.WriteNumber(name, number);
        }
        else
        {
            json.WriteNull(name);
        }
    }
}
