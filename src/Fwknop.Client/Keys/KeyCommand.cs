using System.Diagnostics;
using Fwknop.Configuration.Files;
using Fwknop.Native.FileSystem;

namespace Fwknop.Client;

/// <summary>
/// A program that prints a key, such as a password manager: <c>KEY_CMD</c> and <c>HMAC_KEY_CMD</c>. It is run without a shell; single quotes hold
/// an argument with blanks together. It may ask at the terminal; what it says on its error output the user sees.
/// </summary>
/// <param name="keyword">The keyword of raw keys of this kind, <c>KEY</c> or <c>HMAC_KEY</c>.</param>
/// <param name="command">The command line.</param>
/// <param name="platform">Lends it the descriptors that were not given to this program.</param>
/// <param name="sharesInput">It may read our standard input; otherwise that belongs to somebody else, and its own is empty.</param>
internal sealed class KeyCommand(string keyword, string command, IPlatform platform, bool sharesInput)
{
    /// <summary>Runs the program.</summary>
    /// <param name="path">The value of PATH.</param>
    /// <param name="problem">What to print when there is no key.</param>
    /// <returns>What the program printed; null when it failed. The caller disposes of it.</returns>
    public SecretBuffer? Run(string? path, out string problem)
    {
        List<string> words = ShellWords.Split(command);
        string? program = ProgramSearch.Find(words.FirstOrDefault(), path, out string? reason);
        using Process? process = program is null ? null : Start(program, words.Skip(1), out reason);
        if (process is null)
        {
            problem = $"{keyword}_CMD: '{words.FirstOrDefault()}' cannot be run: {reason}.";
            return null;
        }

        SecretBuffer? output = ReadOutput(process, out problem);
        if (problem.Length == 0)
        {
            return output;
        }

        problem = $"{keyword}_CMD: '{program}' {problem}.";
        output?.Dispose();
        return null;
    }

    /// <summary>
    /// The key in the output: a line <c>KEY_BASE64: ...</c> or <c>KEY: ...</c> (<c>HMAC_</c> in front for the other key), as <c>--key-gen</c>
    /// prints them; else the first line as it is.
    /// </summary>
    public ReadOnlySpan<byte> Find(SecretBuffer output, out bool isBase64)
    {
        ReadOnlySpan<byte> first = default;
        foreach (ReadOnlySpan<byte> line in new RcLines(output.Span))
        {
            first = first.IsEmpty ? line.TrimEnd("\r\n"u8) : first;
            RcLine parsed = RcLine.Parse(line);
            isBase64 = parsed.IsNamed($"{keyword}_BASE64");
            if (parsed.Kind == RcLineKind.Parameter && (isBase64 || (parsed.IsNamed(keyword) && line.Contains((byte)':'))))
            {
                return parsed.Value;
            }
        }

        isBase64 = false;
        return first;
    }

    private Process? Start(string program, IEnumerable<string> arguments, out string? problem)
    {
        using IDisposable? lent = platform.LendDescriptors();
        return ProgramStart.TryRun(Describe(program, arguments), out problem);
    }

    private ProcessStartInfo Describe(string program, IEnumerable<string> arguments) => new(program, arguments)
    {
        RedirectStandardInput = !sharesInput,
        RedirectStandardOutput = true,
    };

    private static SecretBuffer? ReadOutput(Process process, out string problem)
    {
        SecretBuffer? output = null;
        try
        {
            output = SecretFile.ReadAll(process.StandardOutput.BaseStream);
            process.WaitForExit();
            problem = process.ExitCode == 0 ? string.Empty : $"failed with exit status {process.ExitCode}";
        }
        catch (Exception e) when (FileError.IsFileError(e))
        {
            problem = $"cannot be read: {FileError.Reason(e)}";
        }

        return output;
    }
}
