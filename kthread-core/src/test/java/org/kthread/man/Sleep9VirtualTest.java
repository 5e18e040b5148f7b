package org.kthread.man;

import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.condition.EnabledForJreRange;
import org.junit.jupiter.api.condition.JRE;
import org.kthread.proc.KthreadSpec;

@DisplayName("sleep(9), on virtual threads")
@EnabledForJreRange(min = JRE.JAVA_21)
class Sleep9VirtualTest extends Sleep9Test {
    @Override
    protected KthreadSpec host(KthreadSpec spec) {
        return spec.virtual();
    }
}
