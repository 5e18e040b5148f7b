package org.kthread.proc;

import java.lang.management.LockInfo;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadInfo;
import java.lang.management.ThreadMXBean;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What the JVM tells about a host thread. Where it tells nothing (no java.management, a virtual thread), neither do we. */
final class HostInfo {
    private HostInfo() {}

    /** Looked up when it is first needed: a program that ends well never is asked where its threads are. */
    private static final class Bean {
        static final @Nullable ThreadMXBean THREADS = find();

        private static @Nullable ThreadMXBean find() {
            try {
                return ManagementFactory.getThreadMXBean();
            } catch (LinkageError e) {
                return null;
            }
        }
    }

    /** Processor time used, or null. */
    static @Nullable Duration cpu(Thread host) {
        ThreadMXBean threads = Bean.THREADS;
        if (threads == null || !threads.isThreadCpuTimeSupported() || !threads.isThreadCpuTimeEnabled()) {
            return null;
        }
        long nanos = threads.getThreadCpuTime(host.getId());
        return nanos < 0 ? null : Duration.ofNanos(nanos);
    }

    /**
     * Where these are, the first so many of them with their stacks. The JVM is asked for all at once: it may have to stop every
     * thread for a stack, and where there are thousands a stop for each takes seconds.
     */
    static List<Diagnosis> diagnose(List<Kthread> threads, int stacks) {
        int few = Math.min(stacks, threads.size());
        List<Diagnosis> all = new ArrayList<>(threads.size());
        diagnose(threads.subList(0, few), Integer.MAX_VALUE, all);
        diagnose(threads.subList(few, threads.size()), 0, all);
        return List.copyOf(all);
    }

    private static void diagnose(List<Kthread> threads, int depth, List<Diagnosis> all) {
        if (threads.isEmpty()) {
            return;
        }
        ThreadMXBean bean = Bean.THREADS;
        @Nullable ThreadInfo[] infos = new ThreadInfo[threads.size()];
        if (bean != null) {
            infos = bean.getThreadInfo(
                    threads.stream().mapToLong(thread -> thread.host.getId()).toArray(), depth);
        }
        for (int i = 0; i < infos.length; i++) {
            all.add(diagnose(threads.get(i), infos[i], depth > 0));
        }
    }

    private static Diagnosis diagnose(Kthread thread, @Nullable ThreadInfo info, boolean withStack) {
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
                info == null ? thread.host.getState() : info.getThreadState(),
                waitsFor,
                info == null ? null : info.getLockOwnerName(),
                withStack ? List.of(info == null ? thread.host.getStackTrace() : info.getStackTrace()) : List.of(),
                thread.proc.descriptors());
    }
}
