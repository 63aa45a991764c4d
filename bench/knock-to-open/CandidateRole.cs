namespace Fwknop.Benchmarks;

/// <summary>Which two are compared in the last line.</summary>
internal enum CandidateRole
{
    Other,
    Reference,
    Ours,
}
