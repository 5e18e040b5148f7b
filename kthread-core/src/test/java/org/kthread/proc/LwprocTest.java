package org.kthread.proc;

import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;

import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.kthread.testing.KernelTest;

/** What the calls that switch do when another thread is faster. */
class LwprocTest extends KernelTest {
    @Test
    @DisplayName(
            "an lwp that is given up between a claim that was refused and the look at who runs it is claimed after all")
    void givenUpMeanwhile() {
        Lwproc lwproc = kernel.proc0().table.lwproc();
        lwproc.rfork(0);
        Lwp lwp = lwproc.curlwp();
        lwproc.switchTo(null);
        assertNull(lwp.runner());

        lwproc.claimRefused(lwp);
        assertSame(Thread.currentThread(), lwp.runner());

        lwp.giveUp();
        lwproc.switchTo(lwp);
        lwproc.releaselwp();
    }
}
