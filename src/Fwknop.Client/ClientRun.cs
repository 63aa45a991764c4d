using System.Net.Sockets;
using System.Text;
using Fwknop.Configuration;
using Fwknop.Configuration.Files;
using Fwknop.Configuration.KeyGeneration;
using Fwknop.Native.FileSystem;
using Fwknop.Protocol;

namespace Fwknop.Client;

/// <summary>One run of the client: the stages of client.md 1 in their order. The first failure ends the run.</summary>
internal sealed class ClientRun(Messages messages, ClientEnvironment environment)
{
    private const int Success = 0;
    private const int Failure = 1;

    /// <returns>The exit status.</returns>
    public int Run(IReadOnlyList<string> arguments)
    {
        CommandLine line = CommandLine.Parse(arguments, environment.Variable("POSIXLY_CORRECT") is not null);
        using Settings settings = new() { Level = Level.CommandLine };
        foreach (Configuration.CommandLine.CommandLineError error in line.Errors)
        {
            messages.Error(error.Text);
        }

        if (!Apply(line, settings, early: true))
        {
            return Failure;
        }

        if (settings.IsHelp || line.Errors.Count > 0)
        {
            messages.Normal(VersionText.Help);
            return settings.IsHelp ? Success : Failure;
        }

        if (settings.IsVersion && !settings.IsKeyGeneration)
        {
            messages.Normal(VersionText.Line);
            return Success;
        }

        if (!TryCollect(line, settings))
        {
            return Failure;
        }

        if (settings.IsKeyGeneration)
        {
            return GenerateKeys(settings) ? Success : Failure;
        }

        try
        {
            return IsSupported(line, settings) && Knock(settings) ? Success : Failure;
        }
        catch (PlatformNotSupportedException e)
        {
            // SHA-3 without a cryptographic library that has it.
            messages.Error($"fwknop: {e.Message}");
            return Failure;
        }
    }

    private bool GenerateKeys(Settings settings)
    {
        KeyGenerationOptions options = settings.KeyGeneration with { HmacType = settings.HmacDigest };
        string? problem = KeyGenerator.Run(options, Messages.Program, messages.Raw, PrivateFile.Replace);
        if (problem is not null)
        {
            messages.Error(problem);
        }

        return problem is null;
    }

    // Steps 2 to 4: rc file, command line, checks.
    private bool TryCollect(CommandLine line, Settings settings)
    {
        messages.Verbosity = settings.Verbosity;
        foreach (string word in line.Words)
        {
            messages.Warning($"fwknop: ignoring '{word}', which belongs to no option.");
        }

        string? problem = !settings.NoRcFile ? null
            : settings.SaveStanza ? "Cannot save an rc stanza in --no-rc-file mode."
            : settings.StanzaName is not null ? "Cannot set stanza name in --no-rc-file mode."
            : settings.ListStanzas ? "Cannot list stanzas in --no-rc-file mode."
            : null;
        problem ??= FirstUnsupported(line, early: true);
        if (problem is not null)
        {
            messages.Error(problem);
            return false;
        }

        // New keys need nothing from an rc file, whatever is wrong with it (client.md 9, decision).
        bool stanzaFound = true;
        bool usesRc = !settings.NoRcFile && !settings.IsKeyGeneration;
        if (usesRc && !new RcLoader(messages, environment.Variable).TryLoad(settings, out stanzaFound))
        {
            return false;
        }

        settings.Level = Level.CommandLine;
        messages.Verbosity = settings.Verbosity;
        if (!Apply(line, settings, early: false))
        {
            return false;
        }

        problem = Validation.FirstProblem(settings, stanzaFound);
        if (problem is not null)
        {
            messages.Error(problem);
        }

        return problem is null;
    }

    private bool Apply(CommandLine line, Settings settings, bool early)
    {
        foreach ((ClientOption option, string value) in line.Options)
        {
            if (option.IsEarly != early)
            {
                continue;
            }

            SetResult result = option.Set!(settings, Encoding.UTF8.GetBytes(value));
            if (!result.IsAccepted)
            {
                messages.Error(result.Text ?? $"Invalid value for {option.DisplayName}.");
                return false;
            }
        }

        return true;
    }

    private static string? FirstUnsupported(CommandLine line, bool early)
    {
        foreach ((ClientOption option, _) in line.Options)
        {
            if (option.IsUnsupported && option.IsEarly == early)
            {
                return Unsupported.Text(option.DisplayName);
            }
        }

        return null;
    }

    private bool IsSupported(CommandLine line, Settings settings)
    {
        string? problem = FirstUnsupported(line, early: false);
        problem ??= Unsupported.InEffect(settings) is { } feature ? Unsupported.Text(feature) : null;
        if (problem is not null)
        {
            messages.Error(problem);
        }

        return problem is null;
    }

    // Steps 10 to 21: message, keys, packet, dump, file, network.
    private bool Knock(Settings settings)
    {
        if (new MessageBuilder(settings, messages, environment).Build() is not { } message)
        {
            return false;
        }

        using PacketKeys? keys = new KeyReader(settings, environment.Prompt(settings.KeyDescriptor), messages).Read();
        if (keys is null || Seal(message, keys, settings) is not { } packet)
        {
            return false;
        }

        if (settings.IsTest || settings.Verbosity > 0)
        {
            messages.Normal(MessageDump.Of(message, settings.Digest, packet, keys).ToString());
        }

        if (PacketSize.Warning(packet.Bytes.Length) is { } warning)
        {
            messages.Warning(warning);
        }

        SavePacket(packet, settings);
        return Send(message, packet, settings, keys.HmacKey is not null) && (!settings.IsTest || OpenAgain(packet, keys));
    }

    private SpaPacket? Seal(SpaMessage message, PacketKeys keys, Settings settings)
    {
        int length = PacketSize.CipherTextLength(message, settings.Digest);
        if (PacketSize.Problem(length, keys.HmacKey is not null) is { } problem)
        {
            messages.Error(problem);
            return null;
        }

        if (!SpaPacket.TrySeal(message, keys, settings.Digest, out SpaPacket? packet, out Rejection why))
        {
            messages.Error(LibraryError.Text(Messages.Program, "fko_spa_data_final", why));
        }

        return packet;
    }

    // A file that cannot be written does not stop the run (client.md 1, step 18).
    private void SavePacket(SpaPacket packet, Settings settings)
    {
        if (settings.PacketFile is not { } path)
        {
            return;
        }

        try
        {
            using FileStream file = settings.AppendPacket ? PrivateFile.Append(path) : PrivateFile.Replace(path);
            file.Write([.. packet.Bytes.Span, (byte)'\n']);
        }
        catch (Exception e) when (FileError.IsFileError(e))
        {
            messages.Error($"write_spa_packet_data: {path}: {FileError.Reason(e)}");
        }
    }

    private bool Send(SpaMessage message, SpaPacket packet, Settings settings, bool hasHmac)
    {
        messages.Info(
            $"""
            Generating SPA packet:
                        protocol: {TransportNames.GetName(settings.Transport)}
                     source port: {(settings.SourcePort == 0 ? "<OS assigned>" : settings.SourcePort)}
                destination port: {settings.ServerPort}
                         IP/host: {settings.Destination}
            """);
        if (settings.IsTest)
        {
            messages.Normal("test mode enabled, SPA packet not actually sent.");
            messages.Info("send_spa_packet: bytes sent: 0");
            return true;
        }

        if (!hasHmac)
        {
            messages.Warning("[-] WARNING: Sending without HMAC. Add --use-hmac, or an HMAC key on both sides, to authenticate packets.");
        }

        bool allowsIPv6 = message.AllowAddress?.AddressFamily == AddressFamily.InterNetworkV6;
        PacketRoute route = new(settings.Destination!, settings.ServerPort, settings.SourcePort, allowsIPv6);
        if (environment.Sender.Send(route, packet.Bytes.Span) is { } problem)
        {
            messages.Error(problem);
            messages.Error("send_spa_packet: packet not sent.");
            return false;
        }

        messages.Info($"send_spa_packet: bytes sent: {packet.Bytes.Length}");
        return true;
    }

    // The test of test mode: the packet must be readable.
    private bool OpenAgain(SpaPacket packet, PacketKeys keys)
    {
        if (!SpaPacket.TryOpen(packet.Bytes.Span, keys, out AuthenticMessage? opened, out Rejection why))
        {
            messages.Error(LibraryError.Text(Messages.Program, "fko_decrypt_spa_data", why));
            return false;
        }

        messages.Info($"\nDump of the Decoded Data\n{MessageDump.Of(opened, keys)}");
        return true;
    }
}
