package org.kthread.shutdown;

import java.util.function.LongSupplier;
import org.kthread.sys.Action;

/** A sync target made of two functions: its name is known before anything of a program's runs. */
record FunctionTarget(String name, LongSupplier count, Action action) implements SyncTarget {
    @Override
    public long remaining() {
        return count.getAsLong();
    }

    @Override
    public void sync() throws Exception {
        action.run();
    }
}
