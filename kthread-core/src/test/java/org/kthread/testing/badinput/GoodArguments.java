package org.kthread.testing.badinput;

import java.io.ByteArrayInputStream;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.kthread.Kernel;
import org.kthread.KernelConfig;
import org.kthread.event.EventHandler;
import org.kthread.event.EventTag;
import org.kthread.proc.KprocDesc;
import org.kthread.proc.Kthread;
import org.kthread.proc.KthreadMain;
import org.kthread.proc.KthreadSpec;
import org.kthread.proc.Lwp;
import org.kthread.proc.Proc;
import org.kthread.proc.ResumeOutcome;
import org.kthread.proc.Rlimit;
import org.kthread.proc.Verdict;
import org.kthread.shutdown.Howto;
import org.kthread.shutdown.ShutdownEvents;
import org.kthread.shutdown.ShutdownReport;
import org.kthread.shutdown.SyncTarget;
import org.kthread.sys.Action;
import org.kthread.sys.Errno;
import org.kthread.sys.KernelClock;
import org.kthread.testing.Caller;

/** An argument of each type that nothing is wrong with. */
public final class GoodArguments implements Row.Samples {
    private static final Action NOTHING = () -> {};

    /** For tables of the API. */
    public GoodArguments() {}

    @Override
    public @Nullable Object sample(Class<?> type, World world) throws Exception {
        if (type == Proc.class) {
            return world.daemon();
        } else if (type == Kthread.class) {
            return world.thread();
        } else if (type == Lwp.class) {
            return world.lwp();
        } else if (type == Kernel.class) {
            return world.kernel();
        } else if (type == EventTag.class) {
            return new ShutdownEvents().preSync().register(howto -> {}, 0);
        }
        Object value = value(type);
        return value == null ? function(type) : value;
    }

    private static @Nullable Object value(Class<?> type) {
        return switch (type.getSimpleName()) {
            case "int" -> 1;
            case "long" -> 1L;
            case "boolean" -> true;
            case "char" -> 'R';
            case "String" -> "good";
            case "Object" -> new Object();
            case "Object[]" -> new Object[0];
            case "String[]" -> new String[0];
            case "Class" -> String.class;
            case "Duration" -> Caller.LIMIT;
            case "Thread" -> Thread.currentThread();
            case "State" -> Thread.State.RUNNABLE;
            case "Throwable" -> new IllegalStateException("good");
            case "Path" -> Path.of("good");
            case "ByteBuffer" -> ByteBuffer.allocate(1);
            case "AtomicReference" -> new AtomicReference<Object>();
            case "KernelClock" -> KernelClock.system();
            case "KernelConfig" -> KernelConfig.defaults().withConsole(line -> {});
            case "KthreadSpec" -> KthreadSpec.named("good").main(NOTHING);
            case "KprocDesc" -> new KprocDesc("good", NOTHING);
            case "Rlimit" -> new Rlimit(1, 1);
            case "Howto" -> Howto.HALT;
            case "Errno" -> Errno.EINVAL;
            case "Verdict" -> Verdict.EXITED;
            case "Kind" -> ResumeOutcome.Kind.EXITED;
            case "Result" -> ShutdownReport.Result.DONE;
            default -> null;
        };
    }

    private static @Nullable Object function(Class<?> type) {
        if (Collection.class.isAssignableFrom(type)) {
            return List.of();
        } else if (type == Action.class) {
            return NOTHING;
        } else if (type == Callable.class) {
            return (Callable<Object>) () -> "given";
        } else if (type == Predicate.class) {
            return (Predicate<Object>) each -> false;
        } else if (type == Consumer.class) {
            return (Consumer<Object>) each -> {};
        } else if (type == LongSupplier.class) {
            return (LongSupplier) () -> 0;
        } else if (type == KthreadMain.class) {
            return (KthreadMain<Object>) arg -> {};
        } else if (type == EventHandler.class) {
            return (EventHandler<Object>) arg -> {};
        } else if (type == AutoCloseable.class) {
            return new ByteArrayInputStream(new byte[0]);
        } else if (type == SyncTarget.class) {
            return SyncTarget.of("good", () -> 0, NOTHING);
        } else if (type == Lock.class) {
            return new ReentrantLock();
        }
        throw new IllegalArgumentException("no good argument of " + type);
    }

    /** Long enough for what ends by itself. */
    public static Duration soon() {
        return Duration.ofMillis(1);
    }
}
