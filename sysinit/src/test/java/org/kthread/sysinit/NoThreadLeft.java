package org.kthread.sysinit;

import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.BeforeEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/** Fails a test that leaves a host thread behind, but for those of the test tools, which stay when they are first needed. */
public final class NoThreadLeft implements BeforeEachCallback, AfterEachCallback {

    private static final List<String> TOOLS = List.of("awaitility", "junit-");

    private Set<Thread> before = Set.of();

    @Override
    public void beforeEach(ExtensionContext context) {
        before = live();
    }

    @Override
    public void afterEach(ExtensionContext context) {
        await("threads left behind")
                .atMost(Duration.ofSeconds(10))
                .until(NoThreadLeft::live, now -> before.containsAll(now));
    }

    private static Set<Thread> live() {
        return Thread.getAllStackTraces().keySet().stream()
                .filter(t -> TOOLS.stream().noneMatch(t.getName()::startsWith))
                .collect(Collectors.toSet());
    }
}
