using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Fwknop.Grants;

namespace Fwknop.Daemon.Logging;

/// <summary>
/// LOG_FORMAT json: one object a line (docs/log.md). Time, level and event come first, then what the event has to tell, the text comes last: nothing that a
/// packet brings stands before its source address.
/// </summary>
/// <param name="clock">For the time stamp.</param>
internal sealed class JsonLines(TimeProvider clock) : ILineFormat
{
    /// <summary>The event of lines that have none of their own.</summary>
    public const string PlainEvent = "message";

    private const string TimeFormat = "yyyy-MM-ddTHH:mm:ss.fffZ";

    // For logs, not for web pages: quotes, backslashes, control characters and what is no character are escaped, and nothing else.
    private static readonly JsonWriterOptions Options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public string Format(LogLevel level, string text, LogEvent? about)
    {
        ArrayBufferWriter<byte> buffer = new();
        using Utf8JsonWriter writer = new(buffer, Options);
        writer.WriteStartObject();
        writer.WriteString("time", clock.GetUtcNow().UtcDateTime.ToString(TimeFormat, CultureInfo.InvariantCulture));
        writer.WriteString("level", NameOf(level));
        writer.WriteString("event", about?.Kind.Name ?? PlainEvent);
        foreach ((LogField field, string value) in about?.Values ?? [])
        {
            Write(writer, field, value);
        }

        writer.WriteString("message", text);
        writer.WriteEndObject();
        writer.Flush();
        return Encoding.UTF8.GetString(buffer.WrittenSpan);
    }

    private static void Write(Utf8JsonWriter writer, LogField field, string value)
    {
        switch (field.Type)
        {
            case LogFieldType.Number:
                writer.WriteNumber(field.Name, long.Parse(value, CultureInfo.InvariantCulture));
                break;
            case LogFieldType.Ports:
                writer.WriteStartArray(field.Name);
                foreach (string port in value.Split(','))
                {
                    writer.WriteStringValue(port);
                }

                writer.WriteEndArray();
                break;
            default:
                writer.WriteString(field.Name, value);
                break;
        }
    }

    private static string NameOf(LogLevel level) => level switch
    {
        LogLevel.Error => "err",
        LogLevel.Warning => "warning",
        LogLevel.Info => "info",
        _ => "debug",
    };
}
