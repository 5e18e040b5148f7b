package org.kthread.sysinit;

import com.google.common.collect.ImmutableList;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.kthread.sys.Action;

/**
 * A boot step: a name, a key, what it does, and perhaps how that is undone. Immutable; each method gives a changed copy.
 *
 * <pre>{@code
 * static Sysinit journal(Path file, AtomicReference<Journal> journal) {
 *     return Sysinit.of("journal", SI_SUB_VFS, SI_ORDER_ANY, () -> journal.set(Journal.open(file)))
 *             .undo(() -> journal.get().close())
 *             .before("bufdaemon");
 * }
 * }</pre>
 *
 * <p>Actions and undos run one at a time, with no lock of the library held. An action may throw anything: that fails the
 * boot, which is then undone. The undo of a step runs only if its action returned normally, so an action that fails halfway
 * takes back what it did itself, except the processes it created: those are stopped for it.
 *
 * <p><b>Differences from BSD.</b> A step has a name, may fail, may wait for other steps by name, and may wait for its daemons.
 * {@code SYSUNINIT} is a separate record with a key of its own there, and runs only at module unload; here it is the undo of
 * a step, and runs in reverse of the order in which the steps really ran.
 *
 * @see Boot
 * @see <a href="https://man.freebsd.org/cgi/man.cgi?query=SYSINIT&amp;sektion=9">SYSINIT(9)</a>
 */
public final class Sysinit {

    /** An action that is told which boot runs it: for steps made before there is a kernel. */
    @FunctionalInterface
    interface Body {
        void run(Boot boot) throws Exception;
    }

    private final String name;
    private final Key key;
    private final Object body; // an Action or a Body: one in the other would be one more object to look at in each step
    private final @Nullable Action undo;
    private final ImmutableList<String> requires;
    private final ImmutableList<String> before;
    private final @Nullable Duration ready;

    private Sysinit(
            String name,
            Key key,
            Object body,
            @Nullable Action undo,
            ImmutableList<String> requires,
            ImmutableList<String> before,
            @Nullable Duration ready) {
        this.name = name;
        this.key = key;
        this.body = body;
        this.undo = undo;
        this.requires = requires;
        this.before = before;
        this.ready = ready;
    }

    /**
     * A step.
     *
     * @param name shown in the trace and in failures, and what constraints of other steps refer to; two steps may share a name
     *     as long as no constraint names it
     * @param subsystem one of {@link Subsystem}, or any int; a step of {@link Subsystem#SI_SUB_DUMMY} runs nothing, it is
     *     only a name for others to {@link #requires require}
     * @param order one of {@link Order}, or any int
     * @param step what it does, on the booting thread
     * @return the step
     * @throws IllegalArgumentException if the name is blank
     */
    public static Sysinit of(String name, int subsystem, int order, Action step) {
        Objects.requireNonNull(step, "step");
        return made(name, new Key(subsystem, order), step);
    }

    static Sysinit of(String name, Key key, Body body) {
        return made(name, key, body);
    }

    private static Sysinit made(String name, Key key, Object body) {
        if (Objects.requireNonNull(name, "name").isBlank()) {
            throw new IllegalArgumentException("a boot step needs a name; \"" + name + "\" is none");
        }
        return new Sysinit(name, key, body, null, ImmutableList.of(), ImmutableList.of(), null);
    }

    /**
     * With a way back. It runs when a later step fails, and when the kernel shuts down, after everything started by later steps
     * is undone. At a shutdown it runs on a thread of the kernel, or on the booting thread if that shutdown has left it to it.
     *
     * @param action takes back what the step did; replaces the undo given before, if any
     * @return the changed copy
     */
    public Sysinit undo(Action action) {
        return new Sysinit(name, key, body, Objects.requireNonNull(action, "action"), requires, before, ready);
    }

    /**
     * With steps that must run before this one, whatever the keys say. This step waits for them; they are not moved forward.
     *
     * @param names of other steps, beside those given before
     * @return the changed copy
     */
    public Sysinit requires(String... names) {
        return new Sysinit(name, key, body, undo, join(requires, names), before, ready);
    }

    /**
     * With steps that must wait for this one, whatever the keys say.
     *
     * @param names of other steps, beside those given before
     * @return the changed copy
     */
    public Sysinit before(String... names) {
        return new Sysinit(name, key, body, undo, requires, join(before, names), ready);
    }

    /**
     * With a wait: the step is complete when each process that it created has called {@code CurThread.ready()}. One that ends
     * before fails the step at once, or, if another one is waited for, within a tenth of a second; one that is silent for too
     * long fails it with its diagnosis.
     *
     * @param timeout for all of them together, from the end of the action; may be {@code KernelClock.FOREVER}
     * @return the changed copy
     * @throws IllegalArgumentException if the timeout is not positive
     */
    public Sysinit awaitReady(Duration timeout) {
        Objects.requireNonNull(timeout, "timeout");
        if (timeout.isNegative() || timeout.isZero()) {
            throw new IllegalArgumentException("step \"" + name + "\" cannot wait " + timeout
                    + " for its daemons; give it more than zero, or KernelClock.FOREVER");
        }
        return new Sysinit(name, key, body, undo, requires, before, timeout);
    }

    /**
     * The name.
     *
     * @return as given
     */
    public String name() {
        return name;
    }

    /**
     * The place in the order.
     *
     * @return subsystem and order
     */
    public Key key() {
        return key;
    }

    /** The name and the key, as {@code "bufdaemon" (KTHREAD_BUF/FIRST)}. */
    @Override
    public String toString() {
        return '"' + name + "\" (" + key + ')';
    }

    /** Nothing to run: SI_SUB_DUMMY. */
    boolean isDummy() {
        return key.subsystem() == Subsystem.SI_SUB_DUMMY;
    }

    void run(Boot boot) throws Exception {
        if (body instanceof Action action) {
            action.run();
        } else {
            ((Body) body).run(boot);
        }
    }

    @Nullable
    Action undo() {
        return undo;
    }

    List<String> requires() {
        return requires;
    }

    List<String> before() {
        return before;
    }

    @Nullable
    Duration ready() {
        return ready;
    }

    private static ImmutableList<String> join(ImmutableList<String> known, String... names) {
        for (String name : Objects.requireNonNull(names, "names")) {
            Objects.requireNonNull(name, "a name among names");
        }
        return ImmutableList.<String>builder().addAll(known).add(names).build();
    }
}
