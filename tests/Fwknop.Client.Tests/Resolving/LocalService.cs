using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;

namespace Fwknop.Client.Tests;

/// <summary>A web service on loopback that gives one answer to each path, byte for byte, and then closes the connection.</summary>
internal sealed class LocalService : IDisposable
{
    private readonly TcpListener _listener;
    private readonly Func<string, string?> _answer;
    private readonly CancellationTokenSource _end = new();
    private readonly List<string> _requests = [];
    private readonly Task _accepting;

    /// <param name="answer">Path to answer; null leaves the client waiting.</param>
    /// <param name="certificate">With a certificate the service speaks TLS.</param>
    /// <param name="address">127.0.0.1 unless given.</param>
    /// <param name="ports">Where to look for a free port; any when not given.</param>
    public LocalService(
        Func<string, string?> answer, X509Certificate2? certificate = null, IPAddress? address = null, IEnumerable<int>? ports = null)
    {
        _answer = answer;
        Certificate = certificate;
        _listener = Listen(address ?? IPAddress.Loopback, ports ?? [0]);
        _accepting = Accept();
    }

    public X509Certificate2? Certificate { get; }

    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    public string Url => $"{(Certificate is null ? "http" : "https")}://127.0.0.1:{Port}";

    /// <summary>The headers of all requests so far, with the blank line.</summary>
    public IReadOnlyList<string> Requests
    {
        get
        {
            lock (_requests)
            {
                return [.. _requests];
            }
        }
    }

    public static LocalService Saying(string body, X509Certificate2? certificate = null) =>
        new(_ => Ok(body), certificate);

    public static string Ok(string body, string header = "") => $"HTTP/1.1 200 OK\r\n{header}Content-Length: {body.Length}\r\n\r\n{body}";

    /// <summary>A certificate that is its own root, for the names and addresses given.</summary>
    public static X509Certificate2 MakeCertificate(string name, params IPAddress[] addresses)
    {
        using ECDsa key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        CertificateRequest request = new($"CN={name}", key, HashAlgorithmName.SHA256);
        SubjectAlternativeNameBuilder names = new();
        names.AddDnsName(name);
        foreach (IPAddress address in addresses)
        {
            names.AddIpAddress(address);
        }

        request.CertificateExtensions.Add(names.Build());
        DateTimeOffset now = DateTimeOffset.UtcNow;
        return request.CreateSelfSigned(now.AddDays(-1), now.AddDays(1));
    }

    public static X509Certificate2 MakeLocalCertificate() => MakeCertificate("localhost", IPAddress.Loopback, IPAddress.IPv6Loopback);

    public void Dispose()
    {
        _end.Cancel();
        _accepting.Wait();
        _listener.Dispose();
        _end.Dispose();
        Certificate?.Dispose();
    }

    private static TcpListener Listen(IPAddress address, IEnumerable<int> ports)
    {
        foreach (int port in ports)
        {
            TcpListener listener = new(address, port);
            try
            {
                listener.Start();
                return listener;
            }
            catch (SocketException e) when (e.SocketErrorCode == SocketError.AddressAlreadyInUse)
            {
                listener.Dispose();
            }
        }

        throw new InvalidOperationException("No port is free.");
    }

    private async Task Accept()
    {
        List<Task> clients = [];
        try
        {
            while (true)
            {
                clients.Add(Serve(await _listener.AcceptTcpClientAsync(_end.Token)));
            }
        }
        catch (OperationCanceledException)
        {
            await Task.WhenAll(clients);
        }
    }

    private async Task Serve(TcpClient client)
    {
        using TcpClient owned = client;
        try
        {
            using Stream stream = await Secure(client.GetStream());
            string request = await ReadHeader(stream);
            if (request.Length == 0)
            {
                return;
            }

            lock (_requests)
            {
                _requests.Add(request);
            }

            if (_answer(request.Split(' ').ElementAtOrDefault(1) ?? "") is { } answer)
            {
                await stream.WriteAsync(Encoding.Latin1.GetBytes(answer), _end.Token);
                return;
            }

            await Task.Delay(Timeout.Infinite, _end.Token);
        }
        catch (Exception e) when (e is IOException or OperationCanceledException or System.Security.Authentication.AuthenticationException)
        {
            // The client went away, as it should when it does not trust us or has heard enough.
        }
    }

    private async Task<Stream> Secure(NetworkStream stream)
    {
        if (Certificate is null)
        {
            return stream;
        }

        SslStream secure = new(stream);
        await secure.AuthenticateAsServerAsync(new SslServerAuthenticationOptions { ServerCertificate = Certificate }, _end.Token);
        return secure;
    }

    private async Task<string> ReadHeader(Stream stream)
    {
        StringBuilder text = new();
        byte[] buffer = new byte[1024];
        int count;
        while (!text.ToString().Contains("\r\n\r\n", StringComparison.Ordinal) && (count = await stream.ReadAsync(buffer, _end.Token)) > 0)
        {
            text.Append(Encoding.Latin1.GetString(buffer, 0, count));
        }

        return text.ToString();
    }
}
