package org.kthread.proc;

import org.kthread.sys.Unwind;

/** Takes a kernel thread down to the end of its stack. It has no stack trace and takes no suppressed ones: no failure. */
final class Unwinding extends Error implements Unwind {
    private static final long serialVersionUID = 1L;

    Unwinding() {
        super("this kernel thread is ending; let this pass", null, false, false);
    }
}
