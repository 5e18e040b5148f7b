package org.kthread.architecture.planted;

/** May write to standard error. */
final class Console {
    void print() {
        System.err.println();
    }
}
