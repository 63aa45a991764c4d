namespace Fwknop.Client;

/// <summary>How a question for a key ended.</summary>
internal enum PromptResult
{
    Answered,

    /// <summary>Ctrl-C at a terminal: nothing must be sent.</summary>
    Interrupted,

    /// <summary>There is no terminal to ask at.</summary>
    NoTerminal,

    /// <summary>The descriptor given with <c>--fd</c> cannot be read.</summary>
    BadDescriptor,
}
