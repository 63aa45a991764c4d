using Fwknop.Client;

IPlatform platform = OperatingSystem.IsLinux() ? new LinuxPlatform()
    : OperatingSystem.IsWindows() ? new WindowsPlatform()
    : new UnixPlatform();
return ClientProgram.Run(platform, args);
