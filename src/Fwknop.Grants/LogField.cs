using System.Buffers;
using System.Globalization;
using System.Net;

namespace Fwknop.Grants;

/// <summary>A named value that a log line carries beside its text (docs/log.md).</summary>
public sealed record LogField
{
    /// <summary>Characters in a text: more than any field of a packet or any path that we write.</summary>
    public const int MaxText = 256;

    private const int MaxWord = 32;
    private const int MaxPort = 32;
    private const string TimeFormat = "yyyy-MM-ddTHH:mm:ssZ";

    private static readonly long FirstSecond = DateTimeOffset.MinValue.ToUnixTimeSeconds();
    private static readonly long LastSecond = DateTimeOffset.MaxValue.ToUnixTimeSeconds();

    private static readonly SearchValues<char> PortCharacters = SearchValues.Create("abcdefghijklmnopqrstuvwxyz0123456789/-*");
    private static readonly SearchValues<char> WordCharacters = SearchValues.Create("abcdefghijklmnopqrstuvwxyz0123456789_");

    private LogField(string name, LogFieldType type)
    {
        Name = name;
        Type = type;
    }

    /// <summary>As it is written: small letters and <c>_</c>.</summary>
    public string Name { get; }

    /// <summary>What its values are.</summary>
    public LogFieldType Type { get; }

    public static LogField Source { get; } = new("source", LogFieldType.Address);

    public static LogField Destination { get; } = new("destination", LogFieldType.Address);

    public static LogField Protocol { get; } = new("protocol", LogFieldType.Number);

    public static LogField Port { get; } = new("port", LogFieldType.Number);

    public static LogField OriginalSource { get; } = new("original_source", LogFieldType.Address);

    public static LogField FirstSeen { get; } = new("first_seen", LogFieldType.Time);

    public static LogField Reason { get; } = new("reason", LogFieldType.Word);

    public static LogField Stanza { get; } = new("stanza", LogFieldType.Number);

    public static LogField StanzaName { get; } = new("stanza_name", LogFieldType.Text);

    public static LogField User { get; } = new("user", LogFieldType.Text);

    public static LogField Signer { get; } = new("signer", LogFieldType.Text);

    public static LogField Allow { get; } = new("allow", LogFieldType.Network);

    public static LogField Ports { get; } = new("ports", LogFieldType.Ports);

    public static LogField Chain { get; } = new("chain", LogFieldType.Text);

    public static LogField Seconds { get; } = new("seconds", LogFieldType.Number);

    public static LogField Expires { get; } = new("expires", LogFieldType.Time);

    public static LogField Kind { get; } = new("kind", LogFieldType.Word);

    public static LogField Command { get; } = new("command", LogFieldType.Text);

    public static LogField Status { get; } = new("status", LogFieldType.Number);

    public static LogField Capture { get; } = new("capture", LogFieldType.Word);

    public static LogField Interface { get; } = new("interface", LogFieldType.Text);

    public static LogField Firewall { get; } = new("firewall", LogFieldType.Text);

    public static LogField File { get; } = new("file", LogFieldType.Text);

    public static LogField Line { get; } = new("line", LogFieldType.Number);

    public static LogField Bytes { get; } = new("bytes", LogFieldType.Number);

    public static LogField Count { get; } = new("count", LogFieldType.Number);

    public static LogField Uid { get; } = new("uid", LogFieldType.Number);

    public static LogField Value { get; } = new("value", LogFieldType.Text);

    public static LogField Error { get; } = new("error", LogFieldType.Text);

    /// <summary>A second since 1970 as a <see cref="LogFieldType.Time"/>. Rules that an earlier run or another program has left may name any: beyond the calendar it is its last one.</summary>
    public static string TimeText(long epoch) =>
        DateTimeOffset.FromUnixTimeSeconds(Math.Clamp(epoch, FirstSecond, LastSecond)).ToString(TimeFormat, CultureInfo.InvariantCulture);

    /// <summary>True for a value in the one form that we write.</summary>
    public bool Accepts(string value)
    {
        ArgumentNullException.ThrowIfNull(value);
        return Type switch
        {
            LogFieldType.Text => value == LogLine.Clean(value, MaxText),
            LogFieldType.Word => value.Length is > 0 and <= MaxWord && !value.AsSpan().ContainsAnyExcept(WordCharacters),
            LogFieldType.Number => long.TryParse(value, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out long number)
                && value == number.ToString(CultureInfo.InvariantCulture),
            LogFieldType.Address => IsAddress(value),
            LogFieldType.Network => IsAddress(value) || (IPNetwork.TryParse(value, out IPNetwork network) && value == network.ToString()),
            LogFieldType.Time => DateTimeOffset.TryParseExact(
                value, TimeFormat, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out _),
            _ => ArePorts(value),
        };
    }

    private static bool IsAddress(string value) =>
        !value.Contains('%', StringComparison.Ordinal) && IPAddress.TryParse(value, out IPAddress? address) && value == address.ToString();

    private static bool ArePorts(string value)
    {
        string[] ports = value.Split(',');
        return ports.Length <= GrantRequest.MaxPorts
            && ports.All(port => port.Length is > 0 and <= MaxPort && !port.AsSpan().ContainsAnyExcept(PortCharacters));
    }
}
