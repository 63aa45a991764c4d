using Fwknop.Configuration.Files;

namespace Fwknop.Configuration.Server;

/// <summary>A value given to a variable, and where.</summary>
internal sealed record Setting(string Value, Place Place);
