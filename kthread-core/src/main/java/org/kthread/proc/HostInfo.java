package org.kthread.proc;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.lang.management.LockInfo;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadInfo;
import java.lang.management.ThreadMXBean;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** What the JVM tells about a host thread. Where it tells nothing (no java.management, a virtual thread), neither do we. */
final class HostInfo {
    /** Whether the JVM stops every thread to take the stack of one: one that has virtual threads does not. */
    private static final boolean STOPS_ALL = !HostThreads.hasVirtual();

    private static final StackTraceElement[] NO_STACK = {};

    private static final Bean BEAN = new Bean();

    private HostInfo() {}

    /** Called while there is memory, and stack: an initializer that fails for want of them fails for the life of the JVM. */
    static void initialize() {
        Look.initialize();
    }

    /** Looked up when it is first needed: a program that ends well never is asked where its threads are. */
    static class Bean {
        private volatile @Nullable ThreadMXBean found;

        /** Null where the JVM has none, and while memory or stack is short: who comes next looks again. */
        @Nullable
        ThreadMXBean get() {
            ThreadMXBean bean = found;
            try {
                if (bean == null) {
                    bean = find();
                    found = bean;
                }
            } catch (Error e) {
                return null;
            }
            return bean;
        }

        /** A test puts a JVM here that has no memory. */
        ThreadMXBean find() {
            return ManagementFactory.getThreadMXBean();
        }
    }

    /** Processor time used, or null. */
    static @Nullable Duration cpu(Thread host) {
        ThreadMXBean threads = BEAN.get();
        if (threads == null || !threads.isThreadCpuTimeSupported() || !threads.isThreadCpuTimeEnabled()) {
            return null;
        }
        long nanos = threads.getThreadCpuTime(host.getId());
        return nanos == -1 ? null : Duration.ofNanos(nanos);
    }

    /** Where these are, the first so many of them with their stacks. */
    static List<Diagnosis> diagnose(List<Kthread> threads, int stacks) {
        int few = Math.min(stacks, threads.size());
        List<Diagnosis> all = new ArrayList<>(threads.size());
        diagnose(threads.subList(0, few), true, all);
        diagnose(threads.subList(few, threads.size()), false, all);
        return List.copyOf(all);
    }

    private static void diagnose(List<Kthread> threads, boolean withStack, List<Diagnosis> all) {
        if (threads.isEmpty()) {
            return;
        }
        long[] ids = threads.stream().mapToLong(thread -> thread.host.getId()).toArray();
        ThreadMXBean bean = BEAN.get();
        @Nullable
        ThreadInfo[] infos = bean == null
                ? new ThreadInfo[ids.length]
                : withStack && STOPS_ALL ? new Look(ids).take(bean) : bean.getThreadInfo(ids, 0);
        for (int i = 0; i < ids.length; i++) {
            all.add(diagnose(threads.get(i), infos[i], withStack));
        }
    }

    private static Diagnosis diagnose(Kthread thread, @Nullable ThreadInfo info, boolean withStack) {
        StackTraceElement[] stack = info == null ? NO_STACK : info.getStackTrace();
        if (withStack && stack.length == 0) {
            stack = thread.host.getStackTrace();
        }
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
                List.of(stack),
                thread.proc.descriptors());
    }

    /**
     * The stacks that one caller wants, of a JVM that stops every thread to take a stack. Among thousands that takes milliseconds;
     * where a crowd is late, those who wait for each other give up at the same time. One stop serves all who have come before it.
     */
    static final class Look {
        /** Held while the JVM is asked: one asks, the others find their answer when they get in. */
        static final Object ASKING = new Object();

        @GuardedBy("itself")
        private static final List<Look> WAITING = new ArrayList<>();

        private final long[] ids;

        @GuardedBy("ASKING")
        private @Nullable ThreadInfo @Nullable [] infos;

        Look(long[] ids) {
            this.ids = ids;
        }

        static void initialize() {}

        @Nullable
        ThreadInfo[] take(ThreadMXBean bean) {
            synchronized (WAITING) {
                WAITING.add(this);
            }
            synchronized (ASKING) {
                if (infos == null) {
                    ask(bean);
                }
                return Objects.requireNonNull(infos);
            }
        }

        @GuardedBy("ASKING")
        private void ask(ThreadMXBean bean) {
            List<Look> all;
            synchronized (WAITING) {
                all = new ArrayList<>(WAITING);
                WAITING.clear();
            }
            if (!all.contains(this)) {
                all.add(this); // who took it along failed
            }
            @Nullable
            ThreadInfo[] found = bean.getThreadInfo(
                    all.stream().flatMapToLong(look -> Arrays.stream(look.ids)).toArray(), Integer.MAX_VALUE);
            int from = 0;
            for (Look look : all) {
                look.infos = Arrays.copyOfRange(found, from, from + look.ids.length);
                from += look.ids.length;
            }
        }
    }
}
