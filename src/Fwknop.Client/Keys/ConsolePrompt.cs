using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;

namespace Fwknop.Client;

/// <summary>
/// Asks at the console by the base library, with the editing keys of client.md 8.4. The question goes to standard error. What is typed comes
/// from standard input, which must be the console; single keys stay in buffers of the base library, which nobody wipes.
/// </summary>
internal sealed class ConsolePrompt : IKeyPrompt
{
    // What a shell adds to the number of a signal that ended a program.
    private const int EndedBySignal = 128;

    private static readonly (PosixSignal Signal, int Number)[] EndingSignals =
        [(PosixSignal.SIGHUP, 1), (PosixSignal.SIGQUIT, 3), (PosixSignal.SIGTERM, 15)];

    public PromptResult Ask(string text, SecretLine answer)
    {
        if (Console.IsInputRedirected)
        {
            return PromptResult.NoTerminal;
        }

        bool ctrlCWasInput = Console.TreatControlCAsInput;
        Console.TreatControlCAsInput = true;
        PosixSignalRegistration[] signals = [.. EndingSignals.Select(ending => EndOn(ending.Signal, ending.Number))];
        try
        {
            // Looking for a key switches echo off before the question can be answered.
            _ = Console.KeyAvailable;
            Console.Error.Write(text);
            SecretLineState state = ReadLine(answer);
            Console.Error.WriteLine();
            return state == SecretLineState.Interrupted ? PromptResult.Interrupted : PromptResult.Answered;
        }
        finally
        {
            Array.ForEach(signals, signal => signal.Dispose());
            Console.TreatControlCAsInput = ctrlCWasInput;
        }
    }

    // The base library shows input again when a program exits, but not when a signal ends it.
    private static PosixSignalRegistration EndOn(PosixSignal signal, int number) => PosixSignalRegistration.Create(signal, context =>
    {
        context.Cancel = true;
        Environment.Exit(EndedBySignal + number);
    });

    private static SecretLineState ReadLine(SecretLine answer)
    {
        SecretLineState state = SecretLineState.Open;
        char first = default;
        while (state == SecretLineState.Open)
        {
            ConsoleKeyInfo key = Console.ReadKey(intercept: true);
            if (key is { Key: ConsoleKey.None, KeyChar: '\0' })
            {
                // The console is gone.
                return SecretLineState.Complete;
            }

            state = key.Key == ConsoleKey.Enter ? answer.Add((byte)'\n') : Add(key.KeyChar, ref first, answer);
        }

        return state;
    }

    // Characters beyond the first 65536 come in two halves; keys such as arrows are none.
    private static SecretLineState Add(char typed, ref char first, SecretLine answer)
    {
        if (char.IsHighSurrogate(typed) || typed == '\0')
        {
            first = typed;
            return SecretLineState.Open;
        }

        bool isWhole = Rune.TryCreate(typed, out Rune character) || Rune.TryCreate(first, typed, out character);
        first = default;
        if (!isWhole)
        {
            return SecretLineState.Open;
        }

        Span<byte> bytes = stackalloc byte[4];
        SecretLineState state = SecretLineState.Open;
        foreach (byte part in bytes[..character.EncodeToUtf8(bytes)])
        {
            state = answer.Add(part);
        }

        CryptographicOperations.ZeroMemory(bytes);
        return state;
    }
}
