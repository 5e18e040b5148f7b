import org.jspecify.annotations.NullMarked;

/** Kernel processes and threads, sleep queues, event handlers and the shutdown sequence. */
@NullMarked
module org.kthread.core {
    requires com.google.common;
    requires static com.google.errorprone.annotations;
    requires static java.management;
    requires static transitive org.jspecify;

    exports org.kthread;
    exports org.kthread.event;
    exports org.kthread.lwp;
    exports org.kthread.proc;
    exports org.kthread.shutdown;
    exports org.kthread.sleep;
    exports org.kthread.sys;
}
