using Fwknop.Configuration.Files;
using Fwknop.Native.FileSystem;
using Fwknop.Protocol;

namespace Fwknop.Client;

/// <summary>The copy of a packet that <c>-B</c> asks for (client.md 4.2).</summary>
internal static class PacketFile
{
    /// <summary>Writes the packet and a newline. A file that cannot be written does not stop the run (client.md 1, step 18).</summary>
    public static void Save(SpaPacket packet, Settings settings, Messages messages)
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
            messages.Error($"write_spa_packet_data: {path}: {FileError.Reason(e, path)}");
        }
    }
}
