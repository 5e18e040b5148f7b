package org.kthread.benchmarks.growth;

import java.lang.reflect.Method;
import java.util.concurrent.ThreadFactory;

/** Bare virtual threads, found by reflection: this is JDK 17 code. */
final class VirtualThreads {
    private VirtualThreads() {}

    static ThreadFactory factory() throws ReflectiveOperationException {
        Object builder = Thread.class.getMethod("ofVirtual").invoke(null);
        Method named = Class.forName("java.lang.Thread$Builder$OfVirtual").getMethod("name", String.class, long.class);
        Method factory = Class.forName("java.lang.Thread$Builder").getMethod("factory");
        return (ThreadFactory) factory.invoke(named.invoke(builder, "sleeper", 0L));
    }
}
