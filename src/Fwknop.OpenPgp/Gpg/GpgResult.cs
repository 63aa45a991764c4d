namespace Fwknop.OpenPgp;

/// <summary>How a run of gpg ended. Wipes its output on dispose.</summary>
internal sealed class GpgResult : IDisposable
{
    private readonly LimitedBuffer? _output;

    public GpgResult(int exitCode, LimitedBuffer output, IReadOnlyList<StatusLine> status)
    {
        ExitCode = exitCode;
        _output = output;
        Status = status;
    }

    private GpgResult(string problem)
    {
        Problem = problem;
        Status = [];
        ExitCode = -1;
    }

    /// <summary>Why there is no result at all: gpg could not be started, took too long, printed too much. Else null.</summary>
    public string? Problem { get; }

    public int ExitCode { get; }

    /// <summary>Standard output.</summary>
    public ReadOnlySpan<byte> Output => _output is null ? [] : _output.Bytes;

    public IReadOnlyList<StatusLine> Status { get; }

    /// <summary>What went wrong, for people; what gpg itself reports comes first.</summary>
    public string ErrorText => Problem
        ?? (GpgErrorCode.Last(Status) is var code and not 0 ? GpgErrorCode.Text(code) : $"gpg ended with status {ExitCode}");

    public static GpgResult Failed(string problem) => new(problem);

    public void Dispose() => _output?.Dispose();
}
