using System.Globalization;
using System.Net;
using System.Text;
using Fwknop.Configuration;
using Fwknop.Configuration.Access;
using Fwknop.Protocol;

namespace Fwknop.Grants;

/// <summary>What one log line is about, with its values, for who reads the log by program.</summary>
/// <param name="kind">Which event.</param>
public sealed class LogEvent(LogEventKind kind)
{
    private const char Separator = ' ';

    private readonly List<KeyValuePair<LogField, string>> _values = [];
    private int _next;

    /// <summary>Which event.</summary>
    public LogEventKind Kind { get; } = kind;

    /// <summary>Its values in the order of the kind's fields, each in the form that <see cref="LogField.Accepts"/>.</summary>
    public IReadOnlyList<KeyValuePair<LogField, string>> Values => _values;

    /// <summary>
    /// Adds a value; nothing for null. One that is none of the field's type is left out: what a packet brings must not end the process.
    /// </summary>
    /// <exception cref="ArgumentException">The event has no such field, or it belongs before one that is there.</exception>
    public LogEvent With(LogField field, string? value)
    {
        ArgumentNullException.ThrowIfNull(field);
        int place = PlaceOf(field);
        if (place < 0)
        {
            throw new ArgumentException($"{Kind.Name} has no field {field.Name} here.", nameof(field));
        }

        if (value is not null)
        {
            TryAdd(place, field.Type == LogFieldType.Text ? LogLine.Clean(value, LogField.MaxText) : value);
        }

        return this;
    }

    /// <summary>Adds a number.</summary>
    public LogEvent With(LogField field, long value) => With(field, value.ToString(CultureInfo.InvariantCulture));

    /// <summary>Adds an address; nothing for null.</summary>
    public LogEvent With(LogField field, IPAddress? address) => With(field, address?.ToString());

    /// <summary>Adds an address.</summary>
    public LogEvent With(LogField field, PackedAddress address) => With(field, address.ToString());

    /// <summary>Adds ports; nothing for none.</summary>
    public LogEvent With(LogField field, IReadOnlyCollection<PortSpec> ports)
    {
        ArgumentNullException.ThrowIfNull(ports);
        return ports.Count == 0 ? this : With(field, string.Join(',', ports));
    }

    /// <summary>Adds ranges of ports; nothing for none.</summary>
    public LogEvent With(LogField field, IReadOnlyCollection<PortRange> ports)
    {
        ArgumentNullException.ThrowIfNull(ports);
        return ports.Count == 0 ? this : With(field, string.Join(',', ports));
    }

    /// <summary>Adds number and name of a stanza.</summary>
    public LogEvent With(AccessStanza stanza)
    {
        ArgumentNullException.ThrowIfNull(stanza);
        return With(LogField.Stanza, stanza.Number).With(LogField.StanzaName, stanza.Name);
    }

    /// <summary>Reads what <see cref="ToString"/> writes, of an event that the listener may write, and nothing else.</summary>
    internal static LogEvent? TryParse(string text)
    {
        string[] words = text.Split(Separator);
        if (LogEventKind.FindListeners(words[0]) is not { } kind || words.Length - 1 > kind.Fields.Count)
        {
            return null;
        }

        LogEvent read = new(kind);
        foreach (string word in words.Skip(1))
        {
            int end = word.IndexOf('=', StringComparison.Ordinal);
            LogField? field = end < 0 ? null : kind.Fields.FirstOrDefault(field => field.Name == word[..end]);
            if (field is null || read.PlaceOf(field) is not (>= 0 and int place) || !read.TryAdd(place, Unescape(word[(end + 1)..])))
            {
                return null;
            }
        }

        // One event has one spelling.
        return read.ToString() == text ? read : null;
    }

    /// <summary>One line without <c>&gt;</c>: <c>packet.refused source=10.0.0.1 reason=port user=J.%20Doe</c>.</summary>
    public override string ToString()
    {
        StringBuilder text = new(Kind.Name);
        foreach ((LogField field, string value) in _values)
        {
            text.Append(Separator).Append(field.Name).Append('=').Append(Escape(value));
        }

        return text.ToString();
    }

    /// <summary>Where a field stands in the kind's list, behind those that are there; -1 for one that does not.</summary>
    private int PlaceOf(LogField field)
    {
        int place = _next;
        while (place < Kind.Fields.Count && Kind.Fields[place] != field)
        {
            place++;
        }

        return place < Kind.Fields.Count ? place : -1;
    }

    private bool TryAdd(int place, string value)
    {
        LogField field = Kind.Fields[place];
        if (!field.Accepts(value))
        {
            return false;
        }

        _next = place + 1;
        _values.Add(KeyValuePair.Create(field, value));
        return true;
    }

    private static string Escape(string value) => value
        .Replace("%", "%25", StringComparison.Ordinal).Replace(" ", "%20", StringComparison.Ordinal).Replace(">", "%3E", StringComparison.Ordinal);

    private static string Unescape(string word) => word
        .Replace("%3E", ">", StringComparison.Ordinal).Replace("%20", " ", StringComparison.Ordinal).Replace("%25", "%", StringComparison.Ordinal);
}
