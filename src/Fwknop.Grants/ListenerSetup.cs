using System.Net;
using System.Text;
using Fwknop.Configuration;
using Fwknop.Configuration.Access;
using Fwknop.Configuration.Server;
using Fwknop.Protocol;

namespace Fwknop.Grants;

/// <summary>
/// All that the daemon hands to the listener, once, over its standard input. The input then stays open: its end means that the daemon
/// is gone and the listener must end.
/// </summary>
public sealed record ListenerSetup
{
    // "FWKS" and the version of this layout; both programs come from one build.
    private const int Magic = 0x46574B05;

    private const int SeenPerChunk = 512;

    /// <summary>How to capture.</summary>
    public required CaptureMode Capture { get; init; }

    /// <summary>PCAP_INTF.</summary>
    public InterfaceList Interfaces { get; init; } = InterfaceList.Default;

    /// <summary>PCAP_FILE, for the log: the listener may not be allowed to open it, so it inherits it opened.</summary>
    public string PcapFile { get; init; } = "";

    /// <summary>The descriptor that the listener inherits, where the mode needs one; else -1.</summary>
    public int Descriptor { get; init; } = -1;

    /// <summary>PCAP_FILTER; empty for none.</summary>
    public string Filter { get; init; } = "";

    /// <summary>ENABLE_PCAP_PROMISC.</summary>
    public bool Promiscuous { get; init; }

    /// <summary>--pcap-any-direction.</summary>
    public bool AnyDirection { get; init; }

    /// <summary>MAX_SNIFF_BYTES.</summary>
    public int SnapLength { get; init; } = 1500;

    /// <summary>EXIT_AT_INTF_DOWN.</summary>
    public bool ExitAtInterfaceDown { get; init; }

    /// <summary>UDPSERV_PORT.</summary>
    public ushort UdpPort { get; init; } = 62201;

    /// <summary>NFQ_QUEUE_NUMBER.</summary>
    public ushort QueueNumber { get; init; }

    /// <summary>UDPSERV_BIND_ADDRESS; null for all addresses.</summary>
    public IPAddress? UdpAddress { get; init; }

    /// <summary>What may be forwarded.</summary>
    public NatSettings Nat { get; init; } = NatSettings.Off;

    /// <summary>TCPSERV_PORT with ENABLE_TCP_SERVER Y, else 0.</summary>
    public ushort TcpPort { get; init; }

    /// <summary>TCPSERV_BIND_ADDRESS; null for all addresses.</summary>
    public IPAddress? TcpAddress { get; init; }

    /// <summary>-C: end after so many packets; 0 = never.</summary>
    public int PacketLimit { get; init; }

    /// <summary>MAX_SPA_PACKET_AGE in seconds; null with ENABLE_SPA_PACKET_AGING N.</summary>
    public int? MaxPacketAge { get; init; }

    /// <summary>ENABLE_DIGEST_PERSISTENCE: whether replays are looked for at all.</summary>
    public bool DetectReplays { get; init; } = true;

    /// <summary>ENABLE_SPA_OVER_HTTP.</summary>
    public bool AcceptHttp { get; init; }

    /// <summary>ALLOW_ANY_USER_AGENT.</summary>
    public bool AllowAnyUserAgent { get; init; }

    /// <summary>Whose X-Forwarded-For is believed: TRUSTED_PROXIES with ENABLE_X_FORWARDED_FOR Y; null for nobody's.</summary>
    public AddressList? TrustedProxies { get; init; }

    /// <summary>--test: decide, but grant and remember nothing.</summary>
    public bool TestMode { get; init; }

    /// <summary>--explain-source: where a packet came from of which there is only the text; null for unknown.</summary>
    public IPAddress? ExplainSource { get; init; }

    /// <summary>When the listener is started, in seconds since 1970.</summary>
    public long StartedAt { get; init; }

    /// <summary>LOG_TEXTS 2.6.10.</summary>
    public bool UsesOldLogTexts { get; init; }

    /// <summary>-v, counted.</summary>
    public int Verbosity { get; init; }

    /// <summary>The stanzas with their keys, in order.</summary>
    public required IReadOnlyList<AccessStanza> Stanzas { get; init; }

    /// <summary>Where the OpenPGP packets of stanzas are decrypted, by stanza number.</summary>
    public IReadOnlyDictionary<int, KeyringPlace> Keyrings { get; init; } = new Dictionary<int, KeyringPlace>();

    /// <summary>Packets seen in earlier runs.</summary>
    public IReadOnlyCollection<SeenPacket> Seen { get; init; } = [];

    /// <summary>Writes the setup.</summary>
    /// <exception cref="IOException">The other end is gone.</exception>
    public void Write(Stream stream)
    {
        using BinaryWriter writer = new(stream, Encoding.UTF8, leaveOpen: true);
        writer.Write(Magic);
        writer.Write((byte)Capture);
        writer.Write(Interfaces.ToString());
        writer.Write(PcapFile);
        writer.Write(Descriptor);
        writer.Write(Filter);
        writer.Write(Promiscuous);
        writer.Write(AnyDirection);
        writer.Write(SnapLength);
        writer.Write(ExitAtInterfaceDown);
        writer.Write(UdpPort);
        writer.Write(QueueNumber);
        writer.Write(UdpAddress?.ToString() ?? "");
        writer.Write(TcpPort);
        writer.Write(TcpAddress?.ToString() ?? "");
        writer.Write(PacketLimit);
        writer.Write(MaxPacketAge ?? -1);
        writer.Write(DetectReplays);
        writer.Write(AcceptHttp);
        writer.Write(AllowAnyUserAgent);
        writer.Write(TrustedProxies?.Text ?? "");
        writer.Write(TestMode);
        writer.Write(ExplainSource?.ToString() ?? "");
        writer.Write(StartedAt);
        writer.Write(UsesOldLogTexts);
        writer.Write(Verbosity);
        WriteNat(writer);
        writer.Write(Stanzas.Count);
        foreach (AccessStanza stanza in Stanzas)
        {
            WriteStanza(writer, stanza);
        }

        WriteKeyrings(writer);
        WriteSeen(writer);
        writer.Write(Magic);
    }

    /// <summary>Reads a setup.</summary>
    /// <exception cref="InvalidDataException">Not what <see cref="Write"/> of this build makes.</exception>
    /// <exception cref="EndOfStreamException">The stream ends early.</exception>
    public static ListenerSetup Read(Stream stream)
    {
        using BinaryReader reader = new(stream, Encoding.UTF8, leaveOpen: true);
        SetupMagic.Expect(reader, Magic);
        ListenerSetup setup = new()
        {
            Capture = (CaptureMode)reader.ReadByte(),
            Interfaces = ReadInterfaces(reader.ReadString()),
            PcapFile = reader.ReadString(),
            Descriptor = reader.ReadInt32(),
            Filter = reader.ReadString(),
            Promiscuous = reader.ReadBoolean(),
            AnyDirection = reader.ReadBoolean(),
            SnapLength = reader.ReadInt32(),
            ExitAtInterfaceDown = reader.ReadBoolean(),
            UdpPort = reader.ReadUInt16(),
            QueueNumber = reader.ReadUInt16(),
            UdpAddress = ReadAddress(reader.ReadString()),
            TcpPort = reader.ReadUInt16(),
            TcpAddress = ReadAddress(reader.ReadString()),
            PacketLimit = reader.ReadInt32(),
            MaxPacketAge = reader.ReadInt32() is >= 0 and int age ? age : null,
            DetectReplays = reader.ReadBoolean(),
            AcceptHttp = reader.ReadBoolean(),
            AllowAnyUserAgent = reader.ReadBoolean(),
            TrustedProxies = ReadAddresses(reader.ReadString()),
            TestMode = reader.ReadBoolean(),
            ExplainSource = ReadAddress(reader.ReadString()),
            StartedAt = reader.ReadInt64(),
            UsesOldLogTexts = reader.ReadBoolean(),
            Verbosity = reader.ReadInt32(),
            Nat = ReadNat(reader),
            Stanzas = ReadStanzas(reader),
            Keyrings = ReadKeyrings(reader),
            Seen = ReadSeen(reader),
        };
        SetupMagic.Expect(reader, Magic);
        return setup;
    }

    // The addresses that sources get are the daemon's business alone.
    private void WriteNat(BinaryWriter writer)
    {
        writer.Write(Nat.Forwards);
        writer.Write(Nat.ForwardsLocally);
        writer.Write(Nat.ResolvesNames);
        writer.Write(Nat.IsSupported);
    }

    private static NatSettings ReadNat(BinaryReader reader) => NatSettings.Off with
    {
        Forwards = reader.ReadBoolean(),
        ForwardsLocally = reader.ReadBoolean(),
        ResolvesNames = reader.ReadBoolean(),
        IsSupported = reader.ReadBoolean(),
    };

    private static void WriteStanza(BinaryWriter writer, AccessStanza stanza)
    {
        writer.Write(stanza.Number);
        writer.Write(stanza.File);
        writer.Write(stanza.Line);
        writer.Write(stanza.Source.Text);
        writer.Write(stanza.Destination?.Text ?? "");
        writer.Write(stanza.OpenPorts?.Text ?? "");
        writer.Write(stanza.RestrictPorts?.Text ?? "");
        SecretField.Write(writer, stanza.Keys.EncryptionKey);
        SecretField.Write(writer, stanza.Keys.HmacKey);
        writer.Write((byte)stanza.Keys.HmacType);
        writer.Write((byte)stanza.Keys.Mode);
        writer.Write(stanza.FwAccessTimeout);
        writer.Write(stanza.MaxFwTimeout);
        writer.Write(stanza.RequireUsername is not null);
        writer.Write(stanza.RequireUsername ?? "");
        writer.Write(stanza.RequireSourceAddress);
        writer.Write(stanza.AccessExpire?.ToUnixTimeSeconds() ?? long.MaxValue);
        writer.Write(stanza.Name ?? "");
        writer.Write(stanza.Schedule?.Text ?? "");
        writer.Write(stanza.Prefix.ToString());
        writer.Write(stanza.AllowsNoPorts);

        // What is run, and as whom, is the daemon's business alone.
        writer.Write(stanza.Commands is not null);
        writer.Write(stanza.Cycle is not null);
        StanzaRules.Write(writer, stanza.Nat);
        StanzaRules.Write(writer, stanza.Totp);
        StanzaRules.Write(writer, stanza.Gpg);
    }

    private static List<AccessStanza> ReadStanzas(BinaryReader reader)
    {
        int count = reader.ReadInt32();
        List<AccessStanza> stanzas = [];
        for (int i = 0; i < count; i++)
        {
            stanzas.Add(ReadStanza(reader));
        }

        return stanzas;
    }

    private static AccessStanza ReadStanza(BinaryReader reader)
    {
        int number = reader.ReadInt32();
        string file = reader.ReadString();
        int line = reader.ReadInt32();
        AddressList source = ReadAddresses(reader.ReadString()) ?? throw new InvalidDataException("A stanza has no SOURCE.");
        AddressList? destination = ReadAddresses(reader.ReadString());
        PortList? openPorts = ReadPorts(reader.ReadString());
        PortList? restrictPorts = ReadPorts(reader.ReadString());
        EncryptionKey key = SecretField.Read(reader, EncryptionKey.FromBytes) ?? throw new InvalidDataException("A stanza has no key.");
        HmacKey? hmacKey = SecretField.Read(reader, HmacKey.FromBytes);
        HmacType hmacType = (HmacType)reader.ReadByte();
        EncryptionMode mode = (EncryptionMode)reader.ReadByte();
        int accessTimeout = reader.ReadInt32();
        int maxTimeout = reader.ReadInt32();
        bool requiresUsername = reader.ReadBoolean();
        string username = reader.ReadString();
        bool requireSourceAddress = reader.ReadBoolean();
        long expire = reader.ReadInt64();
        string name = reader.ReadString();
        AccessSchedule? schedule = ReadSchedule(reader.ReadString());
        GrantPrefix prefix = ReadPrefix(reader.ReadString());
        bool allowsNoPorts = reader.ReadBoolean();
        bool allowsCommands = reader.ReadBoolean();
        bool hasCycle = reader.ReadBoolean();
        return new AccessStanza
        {
            Number = number,
            File = file,
            Line = line,
            Source = source,
            Destination = destination,
            OpenPorts = openPorts,
            RestrictPorts = restrictPorts,
            Keys = new PacketKeys(key, hmacKey, hmacType, mode),
            FwAccessTimeout = accessTimeout,
            MaxFwTimeout = maxTimeout,
            RequireUsername = requiresUsername ? username : null,
            RequireSourceAddress = requireSourceAddress,
            AccessExpire = expire == long.MaxValue ? null : DateTimeOffset.FromUnixTimeSeconds(expire),
            Commands = allowsCommands ? new CommandRules() : null,
            Cycle = hasCycle ? new CommandCycle([], null, 0) : null,
            Name = name.Length == 0 ? null : name,
            Schedule = schedule,
            Prefix = prefix,
            AllowsNoPorts = allowsNoPorts,
            Nat = StanzaRules.ReadNat(reader),
            Totp = StanzaRules.ReadTotp(reader),
            Gpg = StanzaRules.ReadGpg(reader),
        };
    }

    private void WriteKeyrings(BinaryWriter writer)
    {
        writer.Write(Keyrings.Count);
        foreach ((int stanza, KeyringPlace place) in Keyrings)
        {
            writer.Write(stanza);
            writer.Write(place.Descriptor);
            writer.Write(place.Keyring);
        }
    }

    private static Dictionary<int, KeyringPlace> ReadKeyrings(BinaryReader reader)
    {
        int count = reader.ReadInt32();
        Dictionary<int, KeyringPlace> keyrings = [];
        for (int i = 0; i < count; i++)
        {
            keyrings[reader.ReadInt32()] = new KeyringPlace(reader.ReadInt32(), reader.ReadUInt16());
        }

        return keyrings;
    }

    // In chunks, for there may be many; the rest of the setup goes out unbuffered, so that no copy of a key stays in a buffer.
    private void WriteSeen(BinaryWriter writer)
    {
        Span<byte> frame = stackalloc byte[GrantFrame.Size];
        writer.Write(Seen.Count);
        foreach (SeenPacket[] chunk in Seen.Chunk(SeenPerChunk))
        {
            byte[] bytes = new byte[chunk.Length * GrantFrame.SpentSize];
            for (int i = 0; i < chunk.Length; i++)
            {
                GrantFrame.Write(new ListenerMessage.Spent(chunk[i]), frame);
                frame[..GrantFrame.SpentSize].CopyTo(bytes.AsSpan(i * GrantFrame.SpentSize));
            }

            writer.Write(bytes);
        }
    }

    private static List<SeenPacket> ReadSeen(BinaryReader reader)
    {
        int count = reader.ReadInt32();
        List<SeenPacket> seen = new(Math.Clamp(count, 0, 1 << 20));
        Span<byte> frame = stackalloc byte[GrantFrame.Size];
        frame.Clear();
        byte[] bytes = new byte[SeenPerChunk * GrantFrame.SpentSize];
        while (seen.Count < count)
        {
            Span<byte> chunk = bytes.AsSpan(0, Math.Min(SeenPerChunk, count - seen.Count) * GrantFrame.SpentSize);
            reader.BaseStream.ReadExactly(chunk);
            for (; !chunk.IsEmpty; chunk = chunk[GrantFrame.SpentSize..])
            {
                chunk[..GrantFrame.SpentSize].CopyTo(frame);
                seen.Add(GrantFrame.TryRead(frame, out ListenerMessage? message) && message is ListenerMessage.Spent spent
                    ? spent.Packet
                    : throw new InvalidDataException("A seen packet is malformed."));
            }
        }

        return seen;
    }

    private static InterfaceList ReadInterfaces(string text) =>
        InterfaceList.TryParse(text, out InterfaceList? list, out _) ? list : throw new InvalidDataException("A list of interfaces is malformed.");

    private static IPAddress? ReadAddress(string text) =>
        text.Length == 0 ? null
        : IPAddress.TryParse(text, out IPAddress? address) ? address
        : throw new InvalidDataException("An address is malformed.");

    private static AddressList? ReadAddresses(string text) =>
        text.Length == 0 ? null
        : AddressList.TryParse(text, out AddressList? list, out _) ? list
        : throw new InvalidDataException("An address list is malformed.");

    private static AccessSchedule? ReadSchedule(string text) =>
        text.Length == 0 ? null
        : AccessSchedule.TryParse(text, out AccessSchedule? schedule, out _) ? schedule
        : throw new InvalidDataException("A schedule is malformed.");

    private static GrantPrefix ReadPrefix(string text) =>
        GrantPrefix.TryParse(text, out GrantPrefix? prefix) ? prefix : throw new InvalidDataException("A prefix length is malformed.");

    private static PortList? ReadPorts(string text) =>
        text.Length == 0 ? null
        : PortList.TryParse(text, out PortList? list, out _) ? list
        : throw new InvalidDataException("A port list is malformed.");
}
