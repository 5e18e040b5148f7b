package org.kthread.testing;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.BeforeEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * Fails a test that leaves a thread behind: one of a kernel's, or one of the test's own. Registered for all tests by {@code
 * META-INF/services}, also in the modules that have this jar on their test path.
 *
 * <p>Platform threads are compared around each test, virtual ones (on a JDK that has them) around each outermost class. A
 * thread that is about to end is waited for, up to {@link #GRACE}.
 */
public final class LeakCheck implements BeforeAllCallback, BeforeEachCallback, AfterEachCallback, AfterAllCallback {
    /** How long a thread may take for its last instructions. */
    static final Duration GRACE = Duration.ofSeconds(5);

    /** For a test of this check: another grace. */
    static final String GRACE_MILLIS = "org.kthread.testing.grace";

    private static final int NANOS_PER_MILLI = 1_000_000;
    private static final ExtensionContext.Namespace MINE = ExtensionContext.Namespace.create(LeakCheck.class);

    /** Threads of the JVM, of JUnit, of Surefire and of Lincheck that come late and stay. */
    private static final List<String> FOREIGN_NAMES = List.of(
            "Attach Listener",
            "Signal Dispatcher",
            "Notification Thread",
            "process reaper",
            "VirtualThread-unparker",
            "JFR ",
            "junit-",
            "surefire-",
            "ping-",
            "Lincheck",
            "FixedActiveThreads");

    private static final List<String> FOREIGN_CLASSES =
            List.of("jdk.internal.", "java.util.concurrent.ForkJoinWorkerThread", "sun.", "java.lang.ref.");

    /** For JUnit. */
    public LeakCheck() {}

    @Override
    public void beforeAll(ExtensionContext context) throws Exception {
        if (isOutermost(context)) {
            context.getStore(MINE).put("virtual", Set.copyOf(VirtualThreads.alive()));
        }
    }

    @Override
    public void beforeEach(ExtensionContext context) {
        context.getStore(MINE).put("platform", platform());
    }

    @Override
    public void afterEach(ExtensionContext context) throws Exception {
        Set<?> before = context.getStore(MINE).get("platform", Set.class);
        fail(context, leaked(before, grace(context)));
    }

    @Override
    public void afterAll(ExtensionContext context) throws Exception {
        Set<?> before = context.getStore(MINE).get("virtual", Set.class);
        if (isOutermost(context)) {
            fail(context, leakedVirtual(before, grace(context)));
        }
    }

    private static boolean isOutermost(ExtensionContext context) {
        return context.getEnclosingTestClasses().isEmpty();
    }

    private static Duration grace(ExtensionContext context) {
        return context.getConfigurationParameter(GRACE_MILLIS)
                .map(millis -> Duration.ofMillis(Long.parseLong(millis)))
                .orElse(GRACE);
    }

    private static void fail(ExtensionContext context, List<String> leaked) {
        if (!leaked.isEmpty()) {
            throw new AssertionError(context.getDisplayName() + " leaves " + leaked.size()
                    + " threads behind; join what a test starts, close its kernel:\n" + String.join("\n", leaked));
        }
    }

    /** The platform threads that are alive. */
    static Set<Thread> platform() {
        ThreadGroup root = Thread.currentThread().getThreadGroup();
        while (root.getParent() != null) {
            root = root.getParent();
        }
        Thread[] all = new Thread[64];
        int count = root.enumerate(all);
        while (count == all.length) {
            all = new Thread[all.length * 2];
            count = root.enumerate(all);
        }
        return new HashSet<>(Arrays.asList(all).subList(0, count));
    }

    /** What has come since, is not foreign, and does not end within the grace. */
    static List<String> leaked(Set<?> before, Duration grace) throws InterruptedException {
        long deadline = System.nanoTime() + grace.toNanos();
        List<String> leaked = new ArrayList<>();
        for (Thread thread : platform()) {
            if (before.contains(thread) || isForeign(thread)) {
                continue;
            }
            long left = Math.max(1, (deadline - System.nanoTime()) / NANOS_PER_MILLI);
            thread.join(left);
            if (thread.isAlive()) {
                leaked.add(describe(thread));
            }
        }
        return leaked;
    }

    private static boolean isForeign(Thread thread) {
        ThreadGroup group = thread.getThreadGroup(); // null once it has ended
        return (group != null && group.getName().equals("CarrierThreads"))
                || FOREIGN_NAMES.stream().anyMatch(thread.getName()::startsWith)
                || FOREIGN_CLASSES.stream().anyMatch(thread.getClass().getName()::startsWith);
    }

    private static String describe(Thread thread) {
        StringBuilder text = new StringBuilder("  ").append(thread).append(' ').append(thread.getState());
        for (StackTraceElement frame : thread.getStackTrace()) {
            text.append("\n      at ").append(frame);
        }
        return text.toString();
    }

    /** As {@link #leaked}, of virtual threads. */
    static List<String> leakedVirtual(Set<?> before, Duration grace) throws Exception {
        long deadline = System.nanoTime() + grace.toNanos();
        Set<String> left;
        do {
            left = VirtualThreads.alive();
            left.removeAll(before);
        } while (!left.isEmpty() && System.nanoTime() < deadline);
        return List.copyOf(left);
    }
}
