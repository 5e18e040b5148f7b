package org.kthread.man;

import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.condition.EnabledForJreRange;
import org.junit.jupiter.api.condition.JRE;
import org.kthread.proc.KthreadSpec;

@DisplayName("kthread(9), daemons on virtual threads")
@EnabledForJreRange(min = JRE.JAVA_21)
class Kthread9VirtualTest extends Kthread9Spec {
    @Override
    protected KthreadSpec host(KthreadSpec spec) {
        return spec.virtual();
    }
}
