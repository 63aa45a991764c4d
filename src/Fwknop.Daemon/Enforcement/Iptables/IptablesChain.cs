using System.Globalization;
using Fwknop.Configuration.Server;
using Fwknop.Daemon.Programs;

namespace Fwknop.Daemon.Enforcement.Iptables;

/// <summary>Our chain in the table of one address family: what can be asked of it and done to it.</summary>
internal sealed class IptablesChain
{
    /// <summary>How long to wait for the lock that legacy iptables programs hold.</summary>
    private const int LockSeconds = 10;

    private static readonly string[] WaitForLock = ["-w", LockSeconds.ToString(CultureInfo.InvariantCulture)];

    private readonly IptablesPrograms _programs;
    private readonly IptablesSettings _settings;
    private readonly ChainSpec _chain;
    private readonly IFirewallLog _log;

    public IptablesChain(IptablesPrograms programs, IptablesSettings settings, IFirewallLog log)
    {
        _log = log;
        _programs = programs;
        _settings = settings;
        _chain = settings.Input;
    }

    /// <summary>Reads the whole table, so that a missing chain is an answer and not a failure.</summary>
    public bool TryList(out IptablesListing listing, out string error)
    {
        ExternalResult result = Run(_programs.List, [.. WaitForLock, "-t", _chain.Table, "-S"], "");
        listing = IptablesListing.Parse(result.Output, _chain);
        error = result.Error;
        return result.Succeeded;
    }

    public bool HasJump() =>
        Run(_programs.List, [.. WaitForLock, "-t", _chain.Table, "-C", _chain.FromChain, "-j", _chain.ToChain], "").Succeeded;

    /// <summary>All of the script, or nothing.</summary>
    public bool TryCommit(IptablesScript script, out string error)
    {
        error = "";
        if (script.IsEmpty)
        {
            return true;
        }

        ExternalResult result = Run(_programs.Restore, ["--noflush", .. WaitForLock], script.ToString());
        error = result.Error;
        return result.Succeeded;
    }

    public IptablesScript NewScript() => new(_chain);

    /// <summary>
    /// Makes chain and jump; with <paramref name="keepRules"/> what is in the chain stays. The chain is complete before
    /// anything jumps to it.
    /// </summary>
    public bool TryEstablish(IptablesListing present, bool keepRules, out bool addedJump, out string error)
    {
        bool makeAnew = !keepRules || !present.HasChain;
        addedJump = makeAnew || present.Jumps == 0;
        if (!TryCommit(FirstStep(_settings.CheckComment), out error))
        {
            if (_settings.CheckComment && TryCommit(FirstStep(withProbe: false), out _))
            {
                error = $"Warning: Could not use the 'comment' match ({error})";
            }

            return false;
        }

        IptablesScript second = NewScript();
        if (_settings.CheckComment)
        {
            second.DeleteCommentProbe();
        }

        if (addedJump)
        {
            second.AddJump();
        }

        return TryCommit(second, out error);

        IptablesScript FirstStep(bool withProbe)
        {
            IptablesScript first = NewScript();
            if (makeAnew)
            {
                first.DeleteJumps(present.Jumps);
                first.MakeChain();
            }

            if (withProbe)
            {
                first.AddCommentProbe();
            }

            return first;
        }
    }

    /// <summary>
    /// Takes the jump and the chain away. If the chain must stay, because a foreign rule uses it or because the table cannot be
    /// listed (too many rules), it is emptied: what is open is shut.
    /// </summary>
    public bool TryRemove(out string error)
    {
        if (!TryList(out IptablesListing present, out error))
        {
            IptablesScript flush = NewScript();
            flush.FlushChain();
            error += TryCommit(flush, out string flushError) ? "; it has been emptied" : $"; emptying it failed, too: {flushError}";
            return false;
        }

        IptablesScript shut = NewScript();
        shut.DeleteJumps(present.Jumps);
        IptablesScript all = NewScript();
        all.DeleteJumps(present.Jumps);
        if (present.HasChain)
        {
            shut.FlushChain();
            all.FlushChain();
            all.DeleteChain();
        }

        if (TryCommit(all, out error))
        {
            return true;
        }

        if (!TryCommit(shut, out string shutError))
        {
            error = shutError;
        }

        return false;
    }

    /// <summary>Takes the jump away; the chain stays.</summary>
    public bool TryRemoveJumps(out string error)
    {
        IptablesScript script = NewScript();
        if (!TryList(out IptablesListing present, out error))
        {
            return false;
        }

        script.DeleteJumps(present.Jumps);
        return TryCommit(script, out error);
    }

    /// <summary>Lists the chain, or all of its table, in the program's own words (server.md 9.2.3).</summary>
    public bool TryShow(bool all, out string listing, out string error)
    {
        string[] what = all ? ["-L"] : ["-L", _chain.ToChain];
        ExternalResult result = Run(_programs.List, [.. WaitForLock, "-t", _chain.Table, .. what, "--line-numbers", "-n"], "");
        (listing, error) = (result.Output, result.Error);
        return result.Succeeded;
    }

    private ExternalResult Run(string program, IReadOnlyList<string> arguments, string input) =>
        FirewallProgram.Run(program, arguments, input, IptablesSettings.ProgramTimeout, _log);
}
