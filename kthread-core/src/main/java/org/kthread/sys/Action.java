package org.kthread.sys;

/** Something to do that takes nothing, gives nothing, and may fail: a main, a step, an undo, a sync. */
@FunctionalInterface
public interface Action {
    /**
     * Does it.
     *
     * @throws Exception if it fails
     */
    void run() throws Exception;
}
