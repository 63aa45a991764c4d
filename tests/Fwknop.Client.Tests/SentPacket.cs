using System.Net;

namespace Fwknop.Client.Tests;

internal sealed record SentPacket(TransportKind Kind, IPEndPoint Target, int SourcePort, byte[] Packet);
