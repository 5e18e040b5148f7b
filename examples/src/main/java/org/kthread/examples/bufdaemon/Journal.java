package org.kthread.examples.bufdaemon;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.io.Closeable;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * The file of promises: {@code durable FILE k=K} says that all writes of FILE up to K are on disk. A plain stream: an interrupt
 * of one writer would close the channel that {@code Files.newOutputStream} gives under all of them.
 */
final class Journal implements Closeable {
    @GuardedBy("this")
    private @Nullable OutputStream out;

    /** Starts empty; null keeps none. */
    synchronized void open(@Nullable Path path) throws IOException {
        out = path == null ? null : new FileOutputStream(path.toFile());
    }

    /** Called after the force, never before. The line goes to the system in one piece: a kill leaves a whole line or none. */
    synchronized void durable(String file, long k) throws IOException {
        if (out != null) {
            out.write(("durable " + file + " k=" + k + "\n").getBytes(StandardCharsets.UTF_8));
            out.flush();
        }
    }

    @Override
    public synchronized void close() throws IOException {
        if (out != null) {
            out.close();
        }
    }
}
