namespace Fwknop.EndToEnd.Tests;

/// <summary>A file of rules as an administrator saves it.</summary>
/// <param name="Text">What is in it.</param>
/// <param name="Loader">The program and its arguments, to which the name of the file comes.</param>
internal sealed record SavedRules(string Text, params IReadOnlyList<string> Loader);
