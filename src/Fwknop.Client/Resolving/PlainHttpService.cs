using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Fwknop.Client;

/// <summary>Asks a web service over HTTP with the bytes that client.md 12.2 lays down (<c>--resolve-http-only</c>).</summary>
internal sealed class PlainHttpService(ResolverSetup setup, INameLookup names, Messages messages, string userAgent, AddressFamily family)
{
    // Header and body together (client.md 12.2).
    private const int MaxReply = 2000;

    private const int Ok = 200;

    public ResolverAnswer Ask(ResolverUrl url)
    {
        string request = $"GET {url.Path} HTTP/1.1\r\nUser-Agent: {userAgent}\r\nAccept: */*\r\nHost: {url.Host}\r\nConnection: close\r\n\r\n";
        messages.Debug($"\nHTTP request: {request}");
        using CancellationTokenSource limit = new(setup.ServiceLimit);
        byte[] reply;
        try
        {
            reply = Exchange(url, Encoding.UTF8.GetBytes(request), limit.Token).GetAwaiter().GetResult();
        }
        catch (IOException e)
        {
            return new ResolverAnswer(null, $"error in getaddrinfo: {e.Message}");
        }
        catch (SocketException e)
        {
            return new ResolverAnswer(null, $"resolve_ip_http: Could not create socket: {NetworkError.Text(e)}");
        }
        catch (OperationCanceledException)
        {
            return new ResolverAnswer(null, $"resolve_ip_http: No answer within {setup.ServiceLimit.TotalSeconds:0.#} s from {Name(url)}");
        }

        messages.Debug($"\nHTTP response: {ReplyText.Whole(reply)}");
        return Read(reply, url);
    }

    /// <summary>The service in messages; the port is left out, as the reference does.</summary>
    public static string Name(ResolverUrl url) => $"http://{url.Host}{url.Path}";

    // Each address in turn, those of the wanted family first: only they can see an address of it.
    private async Task<byte[]> Exchange(ResolverUrl url, byte[] request, CancellationToken cancel)
    {
        using Socket socket = await new ServiceConnector(names).Connect(url.Host, url.Port, family, isOnly: false, cancel).ConfigureAwait(false);
        await socket.SendAsync(request, cancel).ConfigureAwait(false);
        byte[] reply = new byte[MaxReply + 1];
        int length = 0;
        int count;
        do
        {
            count = await socket.ReceiveAsync(reply.AsMemory(length), cancel).ConfigureAwait(false);
            length += count;
        }
        while (count > 0 && length < reply.Length);
        return reply[..length];
    }

    private ResolverAnswer Read(byte[] bytes, ResolverUrl url)
    {
        if (bytes.Length > MaxReply || PlainHttpReply.Parse(bytes) is not { } reply)
        {
            return new ResolverAnswer(null, "Did not find the end of HTTP header.");
        }

        if (reply.Status != Ok)
        {
            return new ResolverAnswer(null, $"[-] From {Name(url)}\n    HTTP status {reply.Status:D3}, and not {Ok}", reply.Date);
        }

        if (AddressText.TryParse(reply.Body, family, out IPAddress address))
        {
            return new ResolverAnswer(address, ServiceTime: reply.Date);
        }

        string leading = AddressText.Leading(reply.Body, family);
        return new ResolverAnswer(
            null, $"[-] From {Name(url)}\n    Invalid IP ({leading}) in HTTP response:\n\n{ReplyText.Whole(reply.Header)}{leading}", reply.Date);
    }
}
