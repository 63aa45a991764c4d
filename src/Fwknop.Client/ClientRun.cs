using System.Text;
using Fwknop.Configuration.KeyGeneration;
using Fwknop.Native.FileSystem;

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
        using Knock knock = new(settings, messages, environment);
        return knock.TryPrepare() && knock.TrySend();
    }
}
