import org.jspecify.annotations.NullMarked;

/** Starts what must start, in order, and undoes it when a step fails: SYSINIT(9). */
@NullMarked
module org.kthread.sysinit {
    requires transitive org.kthread.core;
    requires com.google.common;
    requires static com.google.errorprone.annotations;
    requires static transitive org.jspecify;

    exports org.kthread.sysinit;

    uses org.kthread.sysinit.SysinitProvider;
}
