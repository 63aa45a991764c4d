using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Net;

namespace Fwknop.Client;

/// <summary>The address of a service that tells us our own address (client.md 12).</summary>
internal sealed record ResolverUrl
{
    private const string HttpScheme = "http://";
    private const string HttpsScheme = "https://";
    private const int MaxHost = 256;
    private const int MaxPath = 1024;
    private const int HttpPort = 80;
    private const int HttpsPort = 443;

    /// <summary>As it was given, without the last slash: what an external command gets, and what messages say.</summary>
    public required string Text { get; init; }

    public required bool IsHttps { get; init; }

    /// <summary>Name or address; IPv6 addresses in brackets.</summary>
    public required string Host { get; init; }

    public required int Port { get; init; }

    /// <summary>Begins with a slash.</summary>
    public required string Path { get; init; }

    /// <summary>The same for the HTTP client.</summary>
    public required Uri Uri { get; init; }

    /// <summary>Reads a URL; without a scheme it is <c>http</c>, as for wget.</summary>
    /// <param name="text">What the user wrote.</param>
    /// <param name="url">The URL.</param>
    /// <param name="problem">What is wrong, for one line of standard error.</param>
    public static bool TryParse(string text, [NotNullWhen(true)] out ResolverUrl? url, out string problem)
    {
        url = null;
        bool isHttps = text.StartsWith(HttpsScheme, StringComparison.OrdinalIgnoreCase);
        bool isHttp = text.StartsWith(HttpScheme, StringComparison.OrdinalIgnoreCase);
        string rest = isHttps ? text[HttpsScheme.Length..] : isHttp ? text[HttpScheme.Length..] : text;
        rest = rest.EndsWith('/') ? rest[..^1] : rest;
        int slash = rest.IndexOf('/', StringComparison.Ordinal);
        string authority = slash < 0 ? rest : rest[..slash];
        string path = slash < 0 ? "/" : rest[slash..];
        int port = isHttps ? HttpsPort : HttpPort;
        int colon = authority.IndexOf(':', Math.Max(authority.IndexOf(']', StringComparison.Ordinal), 0));
        string host = colon < 0 ? authority : authority[..colon];
        problem = host.Length == 0 ? "resolve-url hostname portion is missing."
            : host.Length > MaxHost ? "resolve-url hostname portion is too large."
            : colon >= 0 && !TryParsePort(authority.AsSpan(colon + 1), out port)
                ? $"[*] resolve-url port value is invalid, must be in [1-{IPEndPoint.MaxPort}]"
            : path.Length > MaxPath ? "resolve-url path portion is too large."
            : string.Empty;
        if (problem.Length > 0)
        {
            return false;
        }

        // Anything else could end the line of the request, mean another host to one reader than to the next, or be an option of wget.
        bool isPlain = !host.StartsWith('-') && !text.AsSpan().ContainsAnyExceptInRange('!', '~') && !host.AsSpan().ContainsAny("@?#\\");
        string scheme = isHttps ? HttpsScheme : HttpScheme;
        if (!isPlain || !Uri.TryCreate(string.Create(CultureInfo.InvariantCulture, $"{scheme}{host}:{port}{path}"), UriKind.Absolute, out Uri? uri))
        {
            problem = "resolve-url has characters that cannot be part of it.";
            return false;
        }

        url = new ResolverUrl { Text = text.EndsWith('/') ? text[..^1] : text, IsHttps = isHttps, Host = host, Port = port, Path = path, Uri = uri };
        return true;
    }

    private static bool TryParsePort(ReadOnlySpan<char> text, out int port) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out port) && port is > 0 and <= IPEndPoint.MaxPort;
}
