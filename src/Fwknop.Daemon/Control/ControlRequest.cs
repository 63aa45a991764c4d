using System.Buffers;
using System.Text.Json;
using Fwknop.Configuration.Server;

namespace Fwknop.Daemon.Control;

/// <summary>
/// What is asked of the running daemon: one JSON object on one line (docs/control.md).
/// <code>
/// {"protocol":1,"request":"list"}
/// {"protocol":1,"request":"status"}
/// {"protocol":1,"request":"revoke","grants":"192.0.2.7,tcp/22","cut":true}
/// </code>
/// </summary>
internal abstract record ControlRequest
{
    /// <summary>Goes up when a program of one version cannot understand one of the other.</summary>
    public const int Protocol = 1;

    private ControlRequest()
    {
    }

    /// <summary>The grants that are open.</summary>
    public sealed record List : ControlRequest;

    /// <summary>What the daemon is and has done.</summary>
    public sealed record Status : ControlRequest;

    /// <summary>Grants are to end now.</summary>
    /// <param name="Grants">Which.</param>
    /// <param name="Cut">Connections, too.</param>
    public sealed record Revoke(GrantSelector Grants, bool Cut) : ControlRequest;

    /// <summary>Reads a request strictly: known names, each once, and nothing else.</summary>
    /// <param name="line">Without the line's end.</param>
    /// <param name="problem">What is wrong with it, for whoever asked.</param>
    /// <returns>Null when it cannot be read.</returns>
    public static ControlRequest? Parse(ReadOnlySpan<byte> line, out string problem)
    {
        problem = "the request is not one that is known";
        try
        {
            return Fields.TryRead(line, out Fields fields) ? Of(fields, ref problem) : null;
        }
        catch (Exception error) when (error is JsonException or InvalidOperationException)
        {
            // No JSON; or text in it that is no Unicode.
            return null;
        }
    }

    /// <summary>The request as it is sent, with the line's end.</summary>
    public byte[] ToBytes()
    {
        ArrayBufferWriter<byte> bytes = new();
        using (Utf8JsonWriter json = new(bytes))
        {
            json.WriteStartObject();
            json.WriteNumber("protocol", Protocol);
            json.WriteString("request", this switch { List => "list", Status => "status", _ => "revoke" });
            if (this is Revoke revoke)
            {
                json.WriteString("grants", revoke.Grants.ToString());
                json.WriteBoolean("cut", revoke.Cut);
            }

            json.WriteEndObject();
        }

        bytes.Write("\n"u8);
        return bytes.WrittenSpan.ToArray();
    }

    private static ControlRequest? Of(in Fields fields, ref string problem)
    {
        if (fields.Protocol != Protocol)
        {
            problem = $"this fwknopd speaks protocol {Protocol} of the control socket: fwknopd was updated and not restarted since";
            return null;
        }

        switch (fields)
        {
            case { Request: "list", Grants: null, Cut: null }:
                return new List();
            case { Request: "status", Grants: null, Cut: null }:
                return new Status();
            case { Request: "revoke", Grants: { } grants, Cut: { } cut } when GrantSelector.TryParse(grants, out GrantSelector? selector):
                return new Revoke(selector, cut);
            default:
                return null;
        }
    }

    private struct Fields
    {
        public int? Protocol { get; private set; }

        public string? Request { get; private set; }

        public string? Grants { get; private set; }

        public bool? Cut { get; private set; }

        public static bool TryRead(ReadOnlySpan<byte> line, out Fields fields)
        {
            Utf8JsonReader reader = new(line, new JsonReaderOptions { MaxDepth = 1 });
            fields = default;
            if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject)
            {
                return false;
            }

            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                if (!fields.TryReadOne(ref reader))
                {
                    return false;
                }
            }

            return reader.TokenType == JsonTokenType.EndObject && !reader.Read();
        }

        private bool TryReadOne(ref Utf8JsonReader reader)
        {
            string? name = reader.GetString();
            reader.Read();
            switch (name, reader.TokenType)
            {
                case ("protocol", JsonTokenType.Number) when Protocol is null && reader.TryGetInt32(out int number):
                    Protocol = number;
                    return true;
                case ("request", JsonTokenType.String) when Request is null:
                    Request = reader.GetString();
                    return true;
                case ("grants", JsonTokenType.String) when Grants is null:
                    Grants = reader.GetString();
                    return true;
                case ("cut", JsonTokenType.True or JsonTokenType.False) when Cut is null:
                    Cut = reader.GetBoolean();
                    return true;
                default:
                    return false;
            }
        }
    }
}
