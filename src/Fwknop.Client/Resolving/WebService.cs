using System.Net;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;

namespace Fwknop.Client;

/// <summary>
/// Asks a web service over HTTPS, or over HTTP where the user's URL says so (client.md 12.1, decision). The connection is made over
/// the family whose address is wanted. Only status 200 counts; redirects are followed from HTTPS to HTTPS only.
/// </summary>
internal sealed class WebService(ResolverSetup setup, INameLookup names, string userAgent, AddressFamily family)
{
    // Of an answer (client.md 12.2), and of its header in KiB.
    private const int MaxBody = 2000;
    private const int MaxHeader = 16;

    private const int MaxRedirects = 3;

    public ResolverAnswer Ask(ResolverUrl url)
    {
        using CancellationTokenSource limit = new(setup.ServiceLimit);
        try
        {
            return Ask(url, limit.Token).GetAwaiter().GetResult();
        }
        catch (OperationCanceledException)
        {
            return new ResolverAnswer(null, $"no answer within {setup.ServiceLimit.TotalSeconds:0.#} s");
        }
        catch (Exception e) when (e is HttpRequestException or IOException)
        {
            return new ResolverAnswer(null, Reason(e));
        }
    }

    private async Task<ResolverAnswer> Ask(ResolverUrl url, CancellationToken cancel)
    {
        using HttpMessageInvoker client = new(MakeHandler(url));
        using HttpRequestMessage request = new(HttpMethod.Get, url.Uri);
        request.Headers.TryAddWithoutValidation("User-Agent", userAgent);
        request.Headers.TryAddWithoutValidation("Accept", "*/*");
        request.Headers.ConnectionClose = true;
        using HttpResponseMessage response = await client.SendAsync(request, cancel).ConfigureAwait(false);
        // With an age it comes out of a cache, and so does its date.
        DateTimeOffset? time = response.Headers.Age is null ? response.Headers.Date : null;
        if (response.StatusCode != HttpStatusCode.OK)
        {
            return new ResolverAnswer(null, $"HTTP status {(int)response.StatusCode}", time);
        }

        byte[] body = new byte[MaxBody + 1];
        using Stream content = await response.Content.ReadAsStreamAsync(cancel).ConfigureAwait(false);
        int length = await content.ReadAtLeastAsync(body, body.Length, throwOnEndOfStream: false, cancel).ConfigureAwait(false);
        return length > MaxBody ? new ResolverAnswer(null, $"the answer is longer than {MaxBody} bytes", time)
            : AddressText.TryParse(body.AsSpan(0, length), family, out IPAddress address) ? new ResolverAnswer(address, ServiceTime: time)
            : new ResolverAnswer(null, $"the answer is no {AddressText.NameOf(family)} address: '{ReplyText.FirstLine(body.AsSpan(0, length))}'", time);
    }

    private SocketsHttpHandler MakeHandler(ResolverUrl url)
    {
        SocketsHttpHandler handler = new()
        {
            AllowAutoRedirect = url.IsHttps,
            MaxAutomaticRedirections = MaxRedirects,
            MaxResponseHeadersLength = MaxHeader,
            UseCookies = false,
            ConnectCallback = Connect,
        };
        if (setup.OnlyRoot is { } root)
        {
            handler.SslOptions.CertificateChainPolicy = new X509ChainPolicy
            {
                TrustMode = X509ChainTrustMode.CustomRootTrust,
                RevocationMode = X509RevocationMode.NoCheck,
            };
            handler.SslOptions.CertificateChainPolicy.CustomTrustStore.Add(root);
        }

        return handler;
    }

    // A proxy may be reached over any family: it is not the one that sees our address.
    private async ValueTask<Stream> Connect(SocketsHttpConnectionContext context, CancellationToken cancel)
    {
        DnsEndPoint target = context.DnsEndPoint;
        bool isProxy = target.Host != context.InitialRequestMessage.RequestUri?.IdnHost;
        Socket socket = await new ServiceConnector(names).Connect(target.Host, target.Port, family, isOnly: !isProxy, cancel).ConfigureAwait(false);
        return new NetworkStream(socket, ownsSocket: true);
    }

    // The runtime's texts quote the answer.
    private static string Reason(Exception e) => e.GetBaseException() switch
    {
        SocketException socket => NetworkError.Text(socket),
        AuthenticationException refused => $"the connection is not secure: {ReplyText.Printable(refused.Message)}",
        Exception other => ReplyText.Printable(other.Message),
    };
}
