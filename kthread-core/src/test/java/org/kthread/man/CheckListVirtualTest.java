package org.kthread.man;

import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.condition.EnabledForJreRange;
import org.junit.jupiter.api.condition.JRE;
import org.kthread.proc.KthreadSpec;

@DisplayName("the conformance check-list, on virtual threads")
@EnabledForJreRange(min = JRE.JAVA_21)
class CheckListVirtualTest extends CheckListTest {
    @Override
    protected KthreadSpec host(KthreadSpec spec) {
        return spec.virtual();
    }
}
