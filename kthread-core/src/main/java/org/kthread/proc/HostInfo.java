package org.kthread.proc;

import java.lang.management.LockInfo;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadInfo;
import java.lang.management.ThreadMXBean;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What the JVM tells about a host thread. Where it tells nothing (no java.management, a virtual thread), neither do we. */
final class HostInfo {
    private static final @Nullable ThreadMXBean THREADS = find();

    private HostInfo() {}

    private static @Nullable ThreadMXBean find() {
        try {
            return ManagementFactory.getThreadMXBean();
        } catch (LinkageError e) {
            return null;
        }
    }

    /** Processor time used, or null. */
    static @Nullable Duration cpu(Thread host) {
        if (THREADS == null || !THREADS.isThreadCpuTimeSupported() || !THREADS.isThreadCpuTimeEnabled()) {
            return null;
        }
        long nanos = THREADS.getThreadCpuTime(host.getId());
        return nanos < 0 ? null : Duration.ofNanos(nanos);
    }

    /** Where a kernel thread is. */
    static Diagnosis diagnose(Kthread thread, boolean withStack) {
        Thread host = thread.host;
        ThreadInfo info = THREADS == null ? null : THREADS.getThreadInfo(host.getId());
        LockInfo lock = info == null ? null : info.getLockInfo();
        String waitsFor = thread.waitsFor;
        if (waitsFor == null && lock != null && thread.gate.wmesg() == null) {
            waitsFor = "a " + lock;
        }
        return new Diagnosis(
                thread.proc.pid(),
                thread.tid(),
                thread.proc.comm(),
                thread.name(),
                thread.gate.wmesg(),
                host.getState(),
                waitsFor,
                info == null ? null : info.getLockOwnerName(),
                withStack ? List.of(host.getStackTrace()) : List.of(),
                thread.proc.descriptors());
    }
}
