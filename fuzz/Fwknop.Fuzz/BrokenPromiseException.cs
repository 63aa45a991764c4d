namespace Fwknop.Fuzz;

/// <summary>A parser returned something it says it never returns.</summary>
internal sealed class BrokenPromiseException(string message) : Exception(message);
