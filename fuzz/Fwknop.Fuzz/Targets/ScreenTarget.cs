using System.Buffers;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Fwknop.Configuration.Access;
using Fwknop.Listener;
using Fwknop.Listener.Screening;
using Fwknop.Protocol;

namespace Fwknop.Fuzz.Targets;

/// <summary>Input: one byte that says what is accepted, then a payload, mostly an HTTP request.</summary>
internal static class ScreenTarget
{
    private static readonly SearchValues<byte> Letters =
        SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/="u8);

    private static readonly AddressList Proxies =
        AddressList.TryParse("10.0.0.0/8", out AddressList? list, out _) ? list : throw new FormatException();

    private static readonly byte[] Scratch = new byte[Limits.MaxDatagram];

    public static IReadOnlyList<byte[]> Corpus()
    {
        string packet = new('A', 200);
        return
        [
            Input(1, $"GET /{packet}-_+/= HTTP/1.1\r\nHost: x\r\nUser-Agent: Fwknop/2.6.11\r\n\r\n"),
            Input(3, $"get /{packet} HTTP/1.1\r\nUser-Agent: curl\r\n"),
            Input(1, $"GET /U2FsdGVkX1{packet} HTTP/1.1\r\nUser-Agent: Fwknop"),
            Input(3, $"GET /{new string('B', 1400)}\t"),
            Input(3, $"GET /{packet} HTTP/1.1\r\nX-Forwarded-For: 1.2.3.4, [2001:db8::1]:80\r\nx-forwarded-for:10.0.0.1:8080,10.0.0.2\r\n\r\n"),
            Input(0, packet),
            Input(0, $"U2FsdGVkX1{packet}"),
            Input(0, $"hQ{packet}{packet}"),
        ];
    }

    public static void Check(byte[] input)
    {
        if (input.Length == 0)
        {
            return;
        }

        ScreeningRules rules = new(AcceptHttp: (input[0] & 1) != 0, AllowAnyUserAgent: (input[0] & 2) != 0);

        // The first time, the parser's tables are made.
        PacketScreen.TryScreen(input.AsSpan(1), rules, Scratch, out _, out _);
        var before = GC.GetAllocatedBytesForCurrentThread();
        var passed = PacketScreen.TryScreen(input.AsSpan(1), rules, Scratch, out var text, out var why);
        var allocated = GC.GetAllocatedBytesForCurrentThread() - before;

        CheckForwardedFor(input.AsSpan(1));
        Promise.Require(allocated == 0, "it allocates");
        Promise.Require(passed == (why == Outcome.None), "the reason contradicts the result");
        Promise.Require(passed || why is Outcome.BadData or Outcome.NotSpaData, "a reason that is none of its own");
        if (passed)
        {
            Promise.Require(text.Length is >= Limits.MinDatagram and <= Limits.MaxDatagram, "a length that no packet has");
            Promise.Require(!text.ContainsAnyExcept(Letters), "a letter that no packet has");
            Promise.Require(!text.StartsWith("U2FsdGVkX1"u8), "a prefix that packets do not carry");
        }
    }

    private static void CheckForwardedFor(ReadOnlySpan<byte> request)
    {
        IPAddress? client = ForwardedFor.Find(request, Proxies, out string? invalid);
        Promise.Require(client is null || invalid is null, "an address of a header that cannot be read");
        Promise.Require(client is null || !Proxies.Contains(client), "a proxy as the client");
        Promise.Require(client is null || (client.ScopeId() == 0 && !client.IsIPv4MappedToIPv6), "an address with two readings");
    }

    private static long ScopeId(this IPAddress address) => address.AddressFamily == AddressFamily.InterNetworkV6 ? address.ScopeId : 0;

    private static byte[] Input(byte rules, string payload) => [rules, .. Encoding.ASCII.GetBytes(payload)];
}
