using System.Text;
using Fwknop.Configuration;
using Fwknop.Configuration.Files;
using Fwknop.Configuration.KeyGeneration;
using Fwknop.Protocol;

namespace Fwknop.Client;

/// <summary>
/// <c>--setup</c>: <c>--key-gen --save-rc-stanza</c> with defaults that make a working profile, and what the server needs to know.
/// </summary>
internal sealed class ServerSetup(Settings settings, Messages messages, ClientEnvironment environment)
{
    private const string DefaultAccess = "tcp/22";

    /// <summary>What a new stanza always has.</summary>
    public static string[] Saved { get; } = [.. ClientOptions.NewKeys, "SPA_SERVER", "ACCESS", "ALLOW_IP", "HMAC_DIGEST_TYPE", "ENCRYPTION_MODE"];

    /// <summary>Fills in what was not said.</summary>
    /// <param name="line">The command line: a destination given there is another one than the host of <c>--setup</c>.</param>
    /// <returns>Null, or why there can be no such profile.</returns>
    public string? Prepare(CommandLine line)
    {
        if (!line.Options.Any(given => given.Option.Keyword == "SPA_SERVER"))
        {
            settings.Destination = settings.SetupHost;
        }

        if (environment.IsOutputTerminal() && !settings.Qr.IsWanted)
        {
            settings.Qr = settings.Qr with { Show = true };
        }

        settings.Access ??= DefaultAccess;
        if (settings.Allow.Literal is null && !settings.Allow.IsLocal && !settings.Allow.IsResolve)
        {
            settings.Allow.SetResolve(Level.CommandLine, true);
        }

        string message = $"{AllowAddress.PacketSource},{AccessList.Normalize(settings.Access, out string? problem)}";
        Rejection why = MessageRules.CheckMessage(MessageType.Access, Encoding.UTF8.GetBytes(message));
        return settings.UseGpg ? $"{Messages.Prefix}--setup makes keys of its own and does not go with GPG."
            : AccessList.LeavesPortsToServer(settings.Access) ? $"{Messages.Prefix}--setup: name the ports that the new stanza is to open, not -A none."
            : problem is not null ? problem
            : why != Rejection.None ? $"{LibraryError.Text(Messages.Program, "fko_set_spa_message", why)}\n{AccessList.Explain(settings.Access, why)}".TrimEnd('\n')
            : settings.ForceStanza ? null
            : FindStanza();
    }

    /// <summary>Says what to do next.</summary>
    public void Report(KeyPair keys)
    {
        using SecretBuffer stanza = new();
        ServerStanza.Append(stanza, settings, keys);
        messages.Result($"\nAdd this stanza to /etc/fwknop/access.conf on {settings.Destination} and restart fwknopd there:\n");
        messages.Raw(stanza.Span);
        string rcFile = settings.RcFile is { } path ? $"--rc-file {Word(path)} " : string.Empty;
        messages.Result($"\nThen knock with:\n\nfwknop {rcFile}-n {Word(settings.StanzaName!)}");
    }

    private static string Word(string text) =>
        text.All(character => char.IsAsciiLetterOrDigit(character) || "-_./:@%+=".Contains(character, StringComparison.Ordinal))
            ? text
            : ShellWords.Quote(text);

    // An old stanza may be somebody's only way to a server.
    private string? FindStanza()
    {
        if (RcLocation.Find(settings, environment.Variable, out string? problem) is not { IsDescriptor: false } location)
        {
            return problem;
        }

        foreach (string path in location.Included.Prepend(location.Path))
        {
            try
            {
                using RcText file = RcText.Read(path, environment.Platform);
                if (file.HasStanza(settings.StanzaName!))
                {
                    return $"Stanza [{settings.StanzaName}] is in {path} already: --force-stanza replaces it, -n gives another name.";
                }
            }
            catch (Exception e) when (FileError.IsFileError(e))
            {
                return $"Unable to open rc file: {path}: {FileError.Reason(e, path)}";
            }
        }

        return null;
    }
}
