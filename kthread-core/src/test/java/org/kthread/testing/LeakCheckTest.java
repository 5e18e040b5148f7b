package org.kthread.testing;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.platform.engine.discovery.DiscoverySelectors.selectClass;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledForJreRange;
import org.junit.jupiter.api.condition.JRE;
import org.junit.platform.launcher.core.LauncherDiscoveryRequestBuilder;
import org.junit.platform.launcher.core.LauncherFactory;
import org.junit.platform.launcher.listeners.SummaryGeneratingListener;

/** Planted leaks. */
class LeakCheckTest {
    private static final Duration SOON = Duration.ofMillis(20);

    /** A thread that lives until it is told to end. */
    private static final class Sitter implements AutoCloseable {
        private final CountDownLatch end = new CountDownLatch(1);
        final Thread thread;

        Sitter(String name, boolean virtual) throws Exception {
            Runnable body = () -> {
                try {
                    end.await();
                } catch (InterruptedException e) {
                    throw new AssertionError(e);
                }
            };
            thread = virtual ? startVirtual(body) : new Thread(body, name);
            if (!virtual) {
                thread.start();
            }
        }

        private static Thread startVirtual(Runnable body) throws Exception {
            return (Thread)
                    Thread.class.getMethod("startVirtualThread", Runnable.class).invoke(null, body);
        }

        @Override
        public void close() {
            end.countDown();
            try {
                thread.join();
            } catch (InterruptedException e) {
                throw new AssertionError(e);
            }
        }
    }

    @Test
    @DisplayName("a platform thread left behind is found, and named with its stack")
    void platform() throws Exception {
        Set<Thread> before = LeakCheck.platform();
        try (Sitter sitter = new Sitter("sitter", false)) {
            List<String> leaked = LeakCheck.leaked(before, SOON);
            assertEquals(1, leaked.size());
            assertTrue(leaked.get(0).contains(sitter.thread.getName()), leaked.get(0));
            assertTrue(leaked.get(0).contains("at "), leaked.get(0));
        }
        assertEquals(List.of(), LeakCheck.leaked(before, LeakCheck.GRACE));
    }

    @Test
    @DisplayName("a virtual thread left behind is found")
    @EnabledForJreRange(min = JRE.JAVA_21)
    void virtual() throws Exception {
        Set<String> before = VirtualThreads.alive();
        try (Sitter sitter = new Sitter("sitter", true)) {
            assertTrue(sitter.thread.isAlive());
            assertEquals(1, LeakCheck.leakedVirtual(before, SOON).size());
        }
        assertEquals(List.of(), LeakCheck.leakedVirtual(before, LeakCheck.GRACE));
    }

    /** A test that leaves a thread behind; {@link #registered} runs it. */
    static class Leaky {
        static final List<Sitter> LEFT = new ArrayList<>();

        @Test
        void leaks() throws Exception {
            LEFT.add(new Sitter("leaky", false));
        }

        @Test
        void doesNotLeak() throws Exception {
            new Sitter("tidy", false).close();
        }
    }

    @Test
    @DisplayName("it is registered for a test class that does not name it, and fails the one test that leaves a thread")
    void registered() throws Exception {
        SummaryGeneratingListener seen = new SummaryGeneratingListener();
        try {
            LauncherFactory.create()
                    .execute(
                            LauncherDiscoveryRequestBuilder.request()
                                    .selectors(selectClass(Leaky.class))
                                    .configurationParameter(LeakCheck.GRACE_MILLIS, "20")
                                    .build(),
                            seen);
        } finally {
            for (Sitter sitter : Leaky.LEFT) {
                sitter.close();
            }
        }
        assertEquals(1, seen.getSummary().getTestsSucceededCount());
        assertEquals(1, seen.getSummary().getTestsFailedCount());
        Throwable failure = seen.getSummary().getFailures().get(0).getException();
        assertTrue(failure.getMessage().contains("leaks() leaves 1 threads behind"), failure::getMessage);
    }
}
