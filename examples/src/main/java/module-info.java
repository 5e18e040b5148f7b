import org.jspecify.annotations.NullMarked;

/** Programs that show the library at work. */
@NullMarked
module org.kthread.examples {
    requires com.google.gson;
    requires info.picocli;
    requires jdk.httpserver;
    requires org.kthread.core;
    requires org.kthread.sysinit;
    requires static com.google.errorprone.annotations;
    requires static org.jspecify;
}
