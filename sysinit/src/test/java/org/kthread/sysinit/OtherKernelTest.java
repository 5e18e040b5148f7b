package org.kthread.sysinit;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.kthread.event.EventList;
import org.kthread.proc.KthreadSpec;
import org.kthread.proc.Proc;
import org.kthread.shutdown.Howto;
import org.kthread.testing.Caller;

/** A kernel may boot inside another. */
@Timeout(60)
@ExtendWith(NoThreadLeft.class)
class OtherKernelTest {
    @Test
    @DisplayName(
            "A daemon that boots another kernel, whose shutdown stops the boot, gets the exception when all is undone")
    void stoppedBoot() throws Exception {
        try (Machine outer = new Machine();
                Machine inner = new Machine()) {
            CountDownLatch finish = new CountDownLatch(1);
            inner.kernel.shutdownEvents().finalEvent().register(howto -> finish.await(), EventList.PRI_ANY);
            AtomicReference<Caller<?>> closer = new AtomicReference<>();
            AtomicReference<List<String>> seen = new AtomicReference<>();
            AtomicReference<Thread> booter = new AtomicReference<>();
            Boot boot = Boot.of(inner.kernel)
                    .add(inner.noted("first", 1, 0), Sysinit.of("second", 2, 0, () -> {
                        closer.set(Caller.run("closer", () -> inner.kernel.reboot(Howto.HALT)));
                        await().until(inner.kernel::rebooting);
                    }))
                    .add(inner.noted("third", 3, 0));
            Proc daemon = outer.kernel
                    .kthreads()
                    .kthreadCreate(KthreadSpec.named("booter").main(() -> {
                        booter.set(Thread.currentThread());
                        try {
                            boot.run();
                        } catch (BootException e) {
                            seen.set(List.copyOf(inner.history));
                        }
                    }));
            await().atMost(Machine.SOON)
                    .until(() -> seen.get() != null
                            || (booter.get() != null && inner.kernel.isAwaitingShutdown(booter.get())));
            finish.countDown();
            assertTrue(daemon.join(Machine.SOON));
            assertEquals(List.of("first", "undo first"), seen.get());
            closer.get().result();
        }
    }
}
