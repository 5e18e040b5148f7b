package org.kthread.proc;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.kthread.testing.Caller.eventually;

import java.lang.management.LockInfo;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadInfo;
import java.lang.management.ThreadMXBean;
import java.lang.reflect.InvocationHandler;
import java.lang.reflect.Proxy;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.kthread.testing.Caller;
import org.kthread.testing.Door;

@DisplayName("Of those who want stacks at the same time")
@Timeout(60)
class HostInfoTest {
    private static final int CROWD = 5;

    private final long test = Thread.currentThread().getId();
    private final Door asks = new Door();
    private final Door answers = new Door();
    private final List<long[]> asked = new ArrayList<>(); // under its monitor
    private int failing; // the number of the question that fails, from 1 on

    private final ThreadMXBean bean = (ThreadMXBean)
            Proxy.newProxyInstance(getClass().getClassLoader(), new Class<?>[] {ThreadMXBean.class}, jvm());
    private Caller<ThreadInfo[]> first;
    private final List<Caller<ThreadInfo[]>> others = new ArrayList<>();

    /** Answers the first question when it is told to. */
    private InvocationHandler jvm() {
        return (proxy, method, args) -> {
            long[] ids = (long[]) args[0];
            int number;
            synchronized (asked) {
                asked.add(ids);
                number = asked.size();
            }
            asks.open();
            answers.await();
            if (number == failing) {
                throw new OutOfMemoryError("planted");
            }
            return ManagementFactory.getThreadMXBean().getThreadInfo(ids, (int) args[1]);
        };
    }

    private Caller<ThreadInfo[]> look(String name) {
        return Caller.start(
                name, () -> new HostInfo.Look(new long[] {Thread.currentThread().getId(), test}).take(bean));
    }

    @BeforeEach
    void crowd() {
        first = look("first");
        asks.await();
        for (int i = 0; i < CROWD; i++) {
            others.add(look("other"));
        }
        others.forEach(other -> eventually(() -> isQueued(other.thread())));
    }

    private static boolean isQueued(Thread thread) {
        LockInfo lock = ManagementFactory.getThreadMXBean()
                .getThreadInfo(thread.getId())
                .getLockInfo();
        return lock != null && lock.getIdentityHashCode() == System.identityHashCode(HostInfo.Look.ASKING);
    }

    private void assertOwn(Caller<ThreadInfo[]> caller) throws Exception {
        long[] ids = Arrays.stream(caller.result())
                .mapToLong(info -> info == null ? -1 : info.getThreadId())
                .toArray();
        assertArrayEquals(new long[] {caller.thread().getId(), test}, ids);
    }

    @Test
    @DisplayName("one asks the JVM for all who have come meanwhile")
    void oneForAll() throws Exception {
        answers.open();
        assertOwn(first);
        for (Caller<ThreadInfo[]> other : others) {
            assertOwn(other);
        }
        assertEquals(
                List.of(2, 2 * CROWD), asked.stream().map(ids -> ids.length).toList());
    }

    @Test
    @DisplayName("one fails, and those whom it took along ask again")
    void oneFails() throws Exception {
        failing = 2;
        answers.open();
        first.result();
        int failures = 0;
        for (Caller<ThreadInfo[]> other : others) {
            try {
                assertOwn(other);
            } catch (OutOfMemoryError e) {
                failures++;
            }
        }
        assertEquals(1, failures);
    }
}
