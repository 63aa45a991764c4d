using Fwknop.Native.FileSystem;

namespace Fwknop.Native.Tests.FileSystem;

public sealed class DescriptorPathTests
{
    [Theory]
    [InlineData("/dev/stdin", 0)]
    [InlineData("/dev/stdout", 1)]
    [InlineData("/dev/stderr", 2)]
    [InlineData("/dev/fd/0", 0)]
    [InlineData("/dev/fd/63", 63)]
    [InlineData("/proc/self/fd/7", 7)]
    [InlineData("/dev/fd/", null)]
    [InlineData("/dev/fd/-1", null)]
    [InlineData("/dev/fd/7/", null)]
    [InlineData("/dev/fd/ 7", null)]
    [InlineData("/dev/fd/99999999999", null)]
    [InlineData("/dev/fd/../../tmp/file", null)]
    [InlineData("/dev/fd/7/../../../tmp/file", null)]
    [InlineData("/proc/1/fd/7", null)]
    [InlineData("dev/fd/7", null)]
    [InlineData("-", null)]
    [InlineData("", null)]
    public void Number_that_a_path_names(string path, int? number)
    {
        Assert.Equal(number, DescriptorPath.NumberOf(path));
        Assert.Equal(number is not null, DescriptorPath.Is(path));
    }
}
