package org.kthread.architecture.planted;

/** May write to standard error. */
final class JvmHook {
    void print() {
        System.err.println();
    }
}
