using System.Text;
using static Fwknop.Client.ExitStatus;

namespace Fwknop.Client;

/// <summary>One run of the client: the stages of client.md 1 in their order. The first failure ends the run.</summary>
internal sealed class ClientRun(Messages messages, ClientEnvironment environment)
{
    /// <returns>The exit status.</returns>
    public int Run(IReadOnlyList<string> arguments) => Run(arguments, isRepeat: false);

    private int Run(IReadOnlyList<string> arguments, bool isRepeat)
    {
        CommandLine line = CommandLine.Parse(arguments, environment.Variable("POSIXLY_CORRECT") is not null);
        using Settings settings = new() { Level = Level.CommandLine };
        try
        {
            // Each stage gives the exit status when it ends the run.
            return Begin(line, settings)
                ?? LoadRcFile(line, settings)
                ?? KeepProfile(line, settings)
                ?? HandOver(settings)
                ?? UseHistory(arguments, line, settings, isRepeat)
                ?? new KnockSequence(settings, messages, environment).Run();
        }
        catch (PlatformNotSupportedException e)
        {
            // SHA-3 without a cryptographic library that has it.
            messages.Error($"{Messages.Prefix}{e.Message}");
            return Failure;
        }
    }

    // Step 1: options that act before any file is touched.
    private int? Begin(CommandLine line, Settings settings)
    {
        foreach (Configuration.CommandLine.CommandLineError error in line.Errors)
        {
            messages.Error(error.Text);
        }

        if (line.AsksForHelp)
        {
            messages.Result(VersionText.Help);
            return Success;
        }

        if (!Apply(line, settings, early: true))
        {
            return Failure;
        }

        if (!line.Rest.All(ArgumentText.IsUtf8))
        {
            messages.Error("[*] A word of the command is not valid UTF-8.");
            return Failure;
        }

        settings.Command = [.. settings.Command, .. line.Rest];
        if (settings.LendsStreams)
        {
            messages.MoveAllToError();
        }

        if (line.Errors.Count > 0)
        {
            messages.Result(VersionText.Help);
            return Failure;
        }

        if (settings.IsVersion && !settings.IsKeyGeneration)
        {
            messages.Result(VersionText.Line);
            return Success;
        }

        if (settings.IsManualPage || settings.CompletionShell is not null)
        {
            messages.Raw(Encoding.UTF8.GetBytes(settings.CompletionShell is { } shell ? Completion.Script(shell)! : ManualPage.Text()));
            return Success;
        }

        messages.Verbosity = settings.Verbosity;
        foreach (string word in line.Words)
        {
            messages.Warning($"{Messages.Prefix}ignoring '{word}', which belongs to no option.");
        }

        return null;
    }

    // Steps 2 to 4: rc file, command line, checks.
    private int? LoadRcFile(CommandLine line, Settings settings)
    {
        string? problem = !settings.NoRcFile ? null
            : settings.SaveStanza ? "Cannot save an rc stanza in --no-rc-file mode."
            : settings.StanzaName is not null ? "Cannot set stanza name in --no-rc-file mode."
            : settings.ListStanzas ? "Cannot list stanzas in --no-rc-file mode."
            : null;
        problem ??= FollowingRules.InputProblem(settings);
        if (problem is not null)
        {
            messages.Error(problem);
            return Failure;
        }

        RcLoader loader = new(messages, environment);
        if (settings.ListStanzas)
        {
            return loader.TryList(settings) ? Success : Failure;
        }

        // New keys need nothing from an rc file, whatever is wrong with it (client.md 9, decision).
        bool stanzaFound = true;
        bool usesRc = !settings.NoRcFile && (!settings.IsKeyGeneration || settings.SaveStanza);
        if (usesRc && !loader.TryLoad(settings, out stanzaFound))
        {
            return Failure;
        }

        settings.Level = Level.CommandLine;
        messages.Verbosity = settings.Verbosity;
        if (!Apply(line, settings, early: false))
        {
            return Failure;
        }

        foreach (int descriptor in settings.NamedDescriptors)
        {
            environment.Platform.WithholdDescriptor(descriptor);
        }

        FollowingRules.SetConnectDefaults(settings);
        problem = Validation.FirstProblem(settings, stanzaFound) ?? Validation.FirstProblem(settings, environment.Platform);
        if (problem is not null)
        {
            messages.Error(problem);
        }

        if (!stanzaFound && !settings.SaveStanza)
        {
            messages.Error($"[*] Looked in {string.Join(", ", loader.Paths)}; --stanza-list shows the stanzas that there are.");
        }

        return problem is null ? null : Failure;
    }

    // Steps 5 to 7: new keys, or what is given as a stanza.
    private int? KeepProfile(CommandLine line, Settings settings) =>
        settings.IsKeyGeneration ? new NewProfile(settings, messages, environment).Make(line)
        : !settings.SaveStanza || new ProfileSaver(settings, messages, environment).TrySave(line, keys: null) ? null
        : Failure;

    // Codes for another device: no packet, nothing to repeat (client.md 18).
    private int? HandOver(Settings settings)
    {
        if (!settings.Qr.IsWanted)
        {
            return null;
        }

        QrHandoff qr = new(settings, environment, messages);
        return (settings.Qr.Address ? qr.ShowAddress() : qr.ShowKeysInUse()) ? Success : Failure;
    }

    // Step 8: the kept command line in place of this one, or this one kept for later.
    private int? UseHistory(IReadOnlyList<string> arguments, CommandLine line, Settings settings, bool isRepeat)
    {
        ArgumentHistory history = new(settings, messages, environment);
        if (settings.ShowLast)
        {
            string? shown = history.Read();
            if (shown is null)
            {
                return Failure;
            }

            messages.Result($"Last fwknop client command line: {shown}\n");
            return Success;
        }

        // A connection is made by another program, which -l cannot do again.
        if (isRepeat || settings.Connect is not null)
        {
            return null;
        }

        if (!settings.IsLastCommand)
        {
            return history.TrySave(settings.HistoryWithoutKeys ? line.WordsWithoutKeys() : arguments) ? null : Failure;
        }

        if (history.Read() is not { } kept)
        {
            return Failure;
        }

        messages.Info($"Executing: {kept}\n");
        return Run([.. ShellWords.Split(kept).Skip(1)], isRepeat: true);
    }

    private bool Apply(CommandLine line, Settings settings, bool early)
    {
        foreach ((ClientOption option, string value) in line.Options)
        {
            if (option.IsEarly != early)
            {
                continue;
            }

            if (!option.IsSecret && !ArgumentText.IsUtf8(value))
            {
                messages.Error($"[*] The value of {option.DisplayName} is not valid UTF-8.");
                return false;
            }

            SetResult result = option.Set!(settings, ArgumentText.Encode(value));
            if (!result.IsAccepted)
            {
                messages.Error(result.Text ?? $"Invalid value for {option.DisplayName}.");
                return false;
            }
        }

        return true;
    }
}
