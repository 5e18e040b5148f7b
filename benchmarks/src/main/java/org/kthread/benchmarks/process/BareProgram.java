package org.kthread.benchmarks.process;

import java.io.IOException;

/** The job with a bare thread. */
public final class BareProgram {
    private static final Object MONITOR = new Object();
    private static boolean over; // guarded by MONITOR

    private BareProgram() {}

    public static void main(String... args) throws IOException, InterruptedException {
        Thread daemon = new Thread(BareProgram::run, "flusher");
        daemon.setDaemon(true);
        Runtime.getRuntime().addShutdownHook(new Thread(() -> {
            synchronized (MONITOR) {
                over = true;
                MONITOR.notifyAll();
            }
            try {
                daemon.join();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }));
        daemon.start();
        Job.idle();
    }

    private static void run() {
        Job.up();
        synchronized (MONITOR) {
            while (!over) {
                Job.flush();
                try {
                    MONITOR.wait(Job.PERIOD_MILLIS);
                } catch (InterruptedException e) {
                    break;
                }
            }
        }
        Job.down();
    }
}
