package org.kthread.benchmarks.process;

import org.jspecify.annotations.Nullable;
import org.springframework.context.SmartLifecycle;
import org.springframework.context.support.GenericApplicationContext;

/** The job with Spring's lifecycle. No annotations are scanned, no configuration is parsed: the least context there is. */
public final class SpringProgram {
    private SpringProgram() {}

    /** The daemon, with a thread of its own as such beans have. */
    static final class Flusher implements SmartLifecycle {
        private final Object monitor = new Object();
        private @Nullable Thread daemon; // guarded by monitor
        private boolean over; // guarded by monitor

        @Override
        public void start() {
            synchronized (monitor) {
                Thread thread = new Thread(this::run, "flusher");
                thread.setDaemon(true);
                daemon = thread;
                thread.start();
            }
        }

        private void run() {
            Job.up();
            synchronized (monitor) {
                while (!over) {
                    Job.flush();
                    try {
                        monitor.wait(Job.PERIOD_MILLIS);
                    } catch (InterruptedException e) {
                        break;
                    }
                }
            }
            Job.down();
        }

        @Override
        public void stop() {
            Thread mine;
            synchronized (monitor) {
                over = true;
                monitor.notifyAll();
                mine = daemon;
            }
            try {
                if (mine != null) {
                    mine.join();
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }

        @Override
        public boolean isRunning() {
            synchronized (monitor) {
                return daemon != null && daemon.isAlive();
            }
        }
    }

    public static void main(String... args) throws Exception {
        GenericApplicationContext context = new GenericApplicationContext();
        context.registerBean(Flusher.class);
        context.registerShutdownHook();
        context.refresh();
        Job.idle();
    }
}
