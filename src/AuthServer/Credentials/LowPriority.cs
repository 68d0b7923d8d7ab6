using System.Runtime.InteropServices;

namespace AuthServer.Credentials;

/// <summary>Gives a thread a low priority, for long work that no other thread should wait for.</summary>
internal static partial class LowPriority
{
    private const int Process = 0;
    private const nint CallingThread = 0;

    // A tenth of the usual share. With less, a thread that the garbage collector waits for is not scheduled while other threads
    // are busy.
    private const int Behind = 10;

    // The shortest possible, in nanoseconds: a thread that wakes up may have to wait until the slice of a running one is over.
    private const ulong ShortSlice = 100_000;

    /// <summary>
    /// Lowers the priority of the current thread. .NET's priorities do nothing on Linux. There the nice value is raised, as any
    /// account may do, and since Linux 6.12 the time slice is shortened. Source: setpriority(2), whose "process" is a thread;
    /// sched_setattr(2).
    /// </summary>
    public static void TakeForThisThread()
    {
        Thread.CurrentThread.Priority = ThreadPriority.Lowest;
        if (OperatingSystem.IsLinux())
        {
            // If the system refuses either, the thread works as it is.
            _ = SetPriority(Process, (int)CallingThread, Behind);
            var attributes = new Attributes { Size = (uint)Marshal.SizeOf<Attributes>(), Nice = Behind, Slice = ShortSlice };
            _ = RuntimeInformation.ProcessArchitecture switch
            {
                Architecture.X64 => SystemCall(314, CallingThread, in attributes, 0),
                Architecture.Arm64 => SystemCall(274, CallingThread, in attributes, 0),
                _ => 0,
            };
        }
    }

    [LibraryImport("libc", EntryPoint = "setpriority")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int SetPriority(int which, int who, int priority);

    // For sched_setattr, which only recent libraries of the system have by name.
    [LibraryImport("libc", EntryPoint = "syscall")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial nint SystemCall(nint number, nint thread, in Attributes attributes, nint flags);

    /// <summary>The first version of <c>struct sched_attr</c>.</summary>
    [StructLayout(LayoutKind.Sequential)]
    private struct Attributes
    {
        public uint Size;
        public uint Policy;
        public ulong Flags;
        public int Nice;
        public uint Priority;
        public ulong Slice;
        public ulong Deadline;
        public ulong Period;
    }
}
