package org.kthread.examples.bufdaemon;

import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.condition.EnabledForJreRange;
import org.junit.jupiter.api.condition.JRE;
import org.kthread.proc.KthreadSpec;

@DisplayName("The daemons of the buffer cache, on virtual threads")
@EnabledForJreRange(min = JRE.JAVA_21)
class DaemonsVirtualTest extends DaemonsTest {
    @Override
    protected KthreadSpec host(KthreadSpec spec) {
        return spec.virtual();
    }
}
