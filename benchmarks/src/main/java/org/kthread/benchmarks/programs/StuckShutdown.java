package org.kthread.benchmarks.programs;

import com.google.common.util.concurrent.AbstractExecutionThreadService;
import com.google.common.util.concurrent.Service;
import com.google.common.util.concurrent.ServiceManager;
import com.typesafe.config.ConfigFactory;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.LockSupport;
import org.apache.pekko.Done;
import org.apache.pekko.actor.ActorSystem;
import org.apache.pekko.actor.CoordinatedShutdown;
import org.kthread.Kernel;
import org.kthread.benchmarks.Bench;
import org.kthread.benchmarks.Program;
import org.kthread.proc.KthreadSpec;
import org.kthread.proc.Proc;
import org.kthread.shutdown.Howto;
import org.kthread.shutdown.KprocShutdown;
import org.kthread.shutdown.ShutdownEvents;
import org.kthread.shutdown.ShutdownReport;
import org.kthread.sleep.SleepPriority;
import org.springframework.context.SmartLifecycle;
import org.springframework.context.support.DefaultLifecycleProcessor;
import org.springframework.context.support.GenericApplicationContext;

/**
 * A thousand daemons are to end within five seconds, and ten of them do not. Each has a handler that suspends it before the sync,
 * as a daemon that writes has. The peers have no such phase: they stop all at once, with the same limit.
 */
public final class StuckShutdown implements Program {
    private static final int ALL = 1000;
    private static final int STUCK = 10;
    private static final Duration BUDGET = Duration.ofSeconds(5);
    private static final double MOST = 5.1;

    @Override
    public List<Line> measure() throws Exception {
        String peers = guava() + "; " + spring() + "; " + pekko();
        Kernel kernel = Bench.quietKernel();
        List<Proc> procs = new ArrayList<>();
        for (int i = 0; i < ALL; i++) {
            boolean stuck = i % (ALL / STUCK) == 0;
            Proc proc = kernel.kthreads()
                    .kthreadCreate(KthreadSpec.named("daemon-%d", i).pages(64).main(() -> {
                        if (stuck) {
                            beStuck();
                        }
                        while (true) {
                            kernel.sleepQueues().pause(SleepPriority.SUSPENDABLE, "idle", Bench.LONG);
                        }
                    }));
            procs.add(proc);
            kernel.shutdownEvents().preSync().register(KprocShutdown.of(proc), ShutdownEvents.SHUTDOWN_PRI_DEFAULT);
        }
        long begin = System.nanoTime();
        ShutdownReport report = kernel.reboot(Howto.HALT, BUDGET);
        double took = (System.nanoTime() - begin) / 1e9;
        long alive = procs.stream().filter(each -> each.exitStatus().isEmpty()).count();
        return List.of(new Line(
                "shutdown, 10 stuck of 1,000 daemons, budget 5 s",
                String.format(Locale.ROOT, "%.3f s; %d left, each named with its stack", took, alive),
                "5 s",
                String.format(Locale.ROOT, "%.3f", took / BUDGET.toSeconds()),
                peers,
                "≤ budget + 100 ms",
                took <= MOST && alive == STUCK && report.daemons().size() >= STUCK));
    }

    private static void beStuck() {
        while (true) {
            LockSupport.park();
            Thread.interrupted(); // deaf to whoever interrupts it
        }
    }

    /** Ends when told to, or is stuck. */
    private static void live(boolean stuck, CompletableFuture<Void> told) {
        if (stuck) {
            beStuck();
        }
        told.join();
    }

    private static String guava() {
        List<Service> services = new ArrayList<>();
        for (int i = 0; i < ALL; i++) {
            boolean stuck = i % (ALL / STUCK) == 0;
            CompletableFuture<Void> told = new CompletableFuture<>();
            services.add(new AbstractExecutionThreadService() {
                @Override
                protected void run() {
                    live(stuck, told);
                }

                @Override
                protected void triggerShutdown() {
                    told.complete(null);
                }
            });
        }
        ServiceManager manager = new ServiceManager(services);
        manager.startAsync().awaitHealthy();
        long begin = System.nanoTime();
        try {
            manager.stopAsync().awaitStopped(BUDGET);
        } catch (TimeoutException e) {
            // as expected
        }
        return text(
                "Guava `ServiceManager`",
                begin,
                services.stream()
                        .filter(each -> each.state() != Service.State.TERMINATED)
                        .count(),
                "named, without stacks");
    }

    /** A bean with a thread. */
    private static final class Bean implements SmartLifecycle {
        private final boolean stuck;
        private final CompletableFuture<Void> told = new CompletableFuture<>();
        private volatile boolean running;

        Bean(boolean stuck) {
            this.stuck = stuck;
        }

        @Override
        public void start() {
            running = true;
            Thread thread = new Thread(() -> {
                live(stuck, told);
                running = false;
            });
            thread.setDaemon(true);
            thread.start();
        }

        @Override
        public void stop() {
            told.complete(null);
        }

        @Override
        public void stop(Runnable callback) {
            stop();
            if (!stuck) {
                callback.run();
            }
        }

        @Override
        public boolean isRunning() {
            return running;
        }
    }

    private static String spring() {
        GenericApplicationContext context = new GenericApplicationContext();
        DefaultLifecycleProcessor lifecycle = new DefaultLifecycleProcessor();
        lifecycle.setTimeoutPerShutdownPhase(BUDGET.toMillis());
        context.getBeanFactory().registerSingleton("lifecycleProcessor", lifecycle);
        List<Bean> beans = new ArrayList<>();
        for (int i = 0; i < ALL; i++) {
            Bean bean = new Bean(i % (ALL / STUCK) == 0);
            beans.add(bean);
            context.getBeanFactory().registerSingleton("daemon" + i, bean);
        }
        lifecycle.setBeanFactory(context.getBeanFactory());
        context.refresh();
        long begin = System.nanoTime();
        context.close();
        return text("Spring", begin, beans.stream().filter(Bean::isRunning).count(), "named, without stacks");
    }

    private static String pekko() throws InterruptedException, ExecutionException, TimeoutException {
        ActorSystem system = ActorSystem.create(
                "bench",
                ConfigFactory.parseString("pekko.loglevel=OFF, pekko.stdout-loglevel=OFF,"
                                + " pekko.coordinated-shutdown.default-phase-timeout=5s,"
                                + " pekko.coordinated-shutdown.exit-jvm=off,"
                                + " pekko.coordinated-shutdown.run-by-jvm-shutdown-hook=off")
                        .withFallback(ConfigFactory.load()));
        CoordinatedShutdown shutdown = CoordinatedShutdown.get(system);
        List<Thread> threads = new ArrayList<>();
        for (int i = 0; i < ALL; i++) {
            boolean stuck = i % (ALL / STUCK) == 0;
            CompletableFuture<Void> told = new CompletableFuture<>();
            CompletableFuture<Done> ended = new CompletableFuture<>();
            Thread thread = new Thread(() -> {
                live(stuck, told);
                ended.complete(Done.done());
            });
            thread.setDaemon(true);
            thread.start();
            threads.add(thread);
            shutdown.addTask(CoordinatedShutdown.PhaseServiceStop(), "daemon-" + i, () -> {
                told.complete(null);
                return ended;
            });
        }
        long begin = System.nanoTime();
        shutdown.runAll(CoordinatedShutdown.unknownReason())
                .toCompletableFuture()
                .get(60, TimeUnit.SECONDS);
        return text(
                "Pekko `CoordinatedShutdown`",
                begin,
                threads.stream().filter(Thread::isAlive).count(),
                "its phase named");
    }

    private static String text(String peer, long begin, long left, String named) {
        return String.format(
                Locale.ROOT, "%s %.3f s; %d left, %s", peer, (System.nanoTime() - begin) / 1e9, left, named);
    }
}
