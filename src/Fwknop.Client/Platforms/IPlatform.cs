namespace Fwknop.Client;

/// <summary>What the client does by other means on another operating system (client.md 17). Chosen once, when the program starts.</summary>
internal interface IPlatform
{
    /// <summary>Where questions for keys are asked when no descriptor was named.</summary>
    IKeyPrompt Terminal { get; }

    IRawSender RawPackets { get; }

    /// <summary>True when a program can be handed descriptors other than the standard three.</summary>
    bool HasDescriptors { get; }

    bool HasGpg { get; }

    /// <summary>True when the name of a user may have <c>DOMAIN\</c> in front, and lines of text end with CR LF.</summary>
    bool IsWindows { get; }

    Stream OpenOutput();

    /// <summary>Standard output, closed for the whole program on dispose where that can be done, so that its reader sees the end.</summary>
    Stream TakeOutput();

    /// <summary>Gives a task that completes when nobody reads standard output any more, where that can be told, or when it is cancelled.</summary>
    Task WatchReader(CancellationToken cancel);

    Stream OpenError();

    /// <summary>A descriptor that this program was started with; 0 is standard input. Reading one byte takes one byte.</summary>
    /// <exception cref="IOException">It is not open; reading it may say so instead.</exception>
    /// <exception cref="ArgumentException">The same.</exception>
    Stream OpenInput(int descriptor);

    /// <summary>Opens a file that may hold secrets, and looks at who may use it.</summary>
    /// <param name="path">The file, or the path of a descriptor.</param>
    /// <param name="withFolder">Its folder must be trusted too.</param>
    InspectedFile Open(string path, bool withFolder = false);

    /// <summary>Lets no other program of the same user read this one's memory, where that can be done.</summary>
    void KeepMemoryPrivate();

    /// <summary>
    /// Sees to it that programs started from now on get no descriptor but the standard three, and signals and limits as they were before the
    /// runtime changed them, as far as that is known.
    /// </summary>
    void PrepareForPrograms();

    /// <summary>This descriptor was meant for this program: it is not lent to another one.</summary>
    void WithholdDescriptor(int number);

    /// <summary>Programs started before the result is disposed of get the descriptors that this program was started with.</summary>
    IDisposable? LendDescriptors();
}
