package org.kthread.man;

import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.condition.EnabledForJreRange;
import org.junit.jupiter.api.condition.JRE;
import org.kthread.proc.KthreadSpec;

@DisplayName("kern_reboot(9), kproc_shutdown(9), on virtual threads")
@EnabledForJreRange(min = JRE.JAVA_21)
class KernReboot9VirtualTest extends KernReboot9Test {
    @Override
    protected KthreadSpec host(KthreadSpec spec) {
        return spec.virtual();
    }
}
