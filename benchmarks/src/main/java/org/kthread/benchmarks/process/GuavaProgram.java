package org.kthread.benchmarks.process;

import com.google.common.util.concurrent.AbstractScheduledService;
import com.google.common.util.concurrent.ServiceManager;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** The job with Guava's services. */
public final class GuavaProgram {
    private GuavaProgram() {}

    /** The daemon. */
    private static final class Flusher extends AbstractScheduledService {
        @Override
        protected void startUp() {
            Job.up();
        }

        @Override
        protected void runOneIteration() {
            Job.flush();
        }

        @Override
        protected Scheduler scheduler() {
            return Scheduler.newFixedDelaySchedule(Duration.ZERO, Duration.ofMillis(Job.PERIOD_MILLIS));
        }

        @Override
        protected void shutDown() {
            Job.down();
        }
    }

    public static void main(String... args) throws IOException, InterruptedException {
        ServiceManager manager = new ServiceManager(List.of(new Flusher()));
        Runtime.getRuntime().addShutdownHook(new Thread(() -> {
            try {
                manager.stopAsync().awaitStopped(60, TimeUnit.SECONDS);
            } catch (TimeoutException e) {
                System.out.println("not stopped: " + e);
            }
        }));
        manager.startAsync().awaitHealthy();
        Job.idle();
    }
}
