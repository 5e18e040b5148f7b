package org.kthread.lwp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.Callable;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.kthread.Kernel;
import org.kthread.KernelConfig;
import org.kthread.proc.Lwp;
import org.kthread.proc.Monitors;
import org.kthread.proc.Proc;
import org.kthread.proc.Rlimit;
import org.kthread.sys.Action;
import org.kthread.sys.KernelException;
import org.kthread.sys.KernelPanic;

/**
 * The library and {@link LwpModel} get the same random calls, and every result is compared. {@code -Dorg.kthread.lwp.steps}
 * says how many in all; {@code -Dorg.kthread.lwp.seed} repeats one sequence.
 */
@DisplayName("The library and the model")
class LwpModelTest {
    private static final int STEPS = Integer.getInteger("org.kthread.lwp.steps", 200_000);
    private static final int STEPS_A_SEED = 5_000;
    private static final int THREADS = 3;
    private static final int MAXPROC = 24;
    private static final Set<String> EXPECTED = Set.of(
            "done",
            "panic",
            "EINVAL",
            "ESRCH",
            "EAGAIN",
            "EPERM",
            "EBADF",
            "EMFILE",
            "EIO",
            "EOPNOTSUPP",
            "ESPIPE",
            "EEXIST",
            "ENOENT");

    @TempDir
    private Path dir;

    /** What came out, so that no kind of result is never tried. */
    private final Set<String> outcomes = new TreeSet<>();

    @Test
    @DisplayName("agree on every result")
    @Timeout(1200)
    void agree() throws IOException {
        Long seed = Long.getLong("org.kthread.lwp.seed");
        if (seed != null) {
            run(seed, false);
            return;
        }
        long first = System.nanoTime();
        for (int done = 0; done < STEPS; done += STEPS_A_SEED) {
            run(first + done, false);
        }
        assertTrue(outcomes.containsAll(EXPECTED), () -> "never seen: " + without(outcomes));
    }

    private static Set<String> without(Set<String> seen) {
        Set<String> missing = new TreeSet<>(EXPECTED);
        missing.removeAll(seen);
        return missing;
    }

    @Test
    @DisplayName("disagree where the model is wrong, and the seed repeats it: so this test can fail")
    void brokenModel() throws IOException {
        String once = "";
        for (int i = 0; i < 2; i++) {
            try {
                run(42, true);
            } catch (AssertionError e) {
                assertTrue(e.getMessage().contains("-Dorg.kthread.lwp.seed=42"), e::getMessage);
                assertTrue(once.isEmpty() || once.equals(e.getMessage()), once + "\n" + e.getMessage());
                once = e.getMessage();
            }
        }
        assertTrue(!once.isEmpty(), "a broken model went unnoticed");
    }

    private void run(long seed, boolean broken) throws IOException {
        try (Sequence sequence = new Sequence(seed, broken)) {
            sequence.run();
        }
    }

    /** One kernel, one model, one seed. */
    private final class Sequence implements AutoCloseable {
        private final long seed;
        private final boolean broken;
        private final Random random;
        private final Kernel kernel =
                Kernel.start(KernelConfig.defaults().withMaxproc(MAXPROC).withConsole(line -> {}));
        private final Lwps lwps = kernel.lwps();
        private final Syscalls sys = kernel.syscalls();
        private final LwpModel model = new LwpModel(THREADS, MAXPROC);
        private final HostThread[] hosts = new HostThread[THREADS]; // 0 is the caller's own
        private final List<Lwp> real = new ArrayList<>(); // as the model's lwps
        private final List<String> closed = new CopyOnWriteArrayList<>();
        private final LogLines log = new LogLines(); // the warnings of dead host threads
        private final Path mine;
        private int step;
        private String text = "";

        Sequence(long seed, boolean broken) throws IOException {
            this.seed = seed;
            this.broken = broken;
            this.random = new Random(seed);
            this.mine = Files.createTempDirectory(dir, "seed");
            for (int i = 1; i < THREADS; i++) {
                hosts[i] = new HostThread("host-" + i);
            }
        }

        void run() {
            try {
                for (step = 0; step < STEPS_A_SEED; step++) {
                    int thread = random.nextInt(10) > 0 ? 0 : random.nextInt(THREADS);
                    step(thread);
                    compare(thread);
                    if (step % 100 == 0) {
                        compareAll();
                    }
                }
                end();
            } catch (AssertionError | RuntimeException e) {
                throw new AssertionError(
                        "step " + step + ", " + text + ": " + e.getMessage() + "; -Dorg.kthread.lwp.seed=" + seed
                                + " repeats it",
                        e);
            }
        }

        private void step(int thread) {
            int dice = random.nextInt(1000);
            if (dice < 250) {
                switchTo(thread);
            } else if (dice < 330) {
                int flags = random.nextInt(20) == 0 ? random.nextInt(8) - 2 : random.nextInt(3);
                creates(thread, "rfork " + flags, () -> lwps.rfork(flags), () -> model.rfork(thread, flags));
            } else if (dice < 410) {
                int pid = pid();
                creates(thread, "newlwp " + pid, () -> lwps.newLwp(pid), () -> model.newLwp(thread, pid));
            } else if (dice < 530) {
                does(thread, "releaselwp", lwps::releaseLwp, () -> model.release(thread));
            } else if (dice < 535 && thread > 0) {
                die(thread);
            } else if (dice < 640) {
                credentials(thread);
            } else {
                descriptors(thread, dice);
            }
        }

        private void switchTo(int thread) {
            int i = real.isEmpty() ? -1 : random.nextInt(real.size() + 1) - 1;
            if (i >= 0 && random.nextInt(4) > 0) {
                i = real.size() - 1 - random.nextInt(Math.min(real.size(), 20)); // one that may live
            }
            int to = i;
            does(
                    thread,
                    "switch " + to,
                    () -> lwps.switchTo(to < 0 ? null : real.get(to)),
                    () -> model.switchTo(thread, to < 0 ? null : model.lwps.get(to)));
        }

        private int pid() {
            List<Integer> pids = new ArrayList<>(model.procs.keySet());
            return random.nextInt(8) > 0 ? pids.get(random.nextInt(pids.size())) : random.nextInt(2000) - 2;
        }

        private void die(int thread) {
            text = "host thread " + thread + " dies";
            hosts[thread].close();
            hosts[thread] = new HostThread("host-" + thread);
            model.die(thread);
        }

        private void credentials(int thread) {
            int id = random.nextInt(4) - (random.nextInt(20) == 0 ? 4 : 0);
            switch (random.nextInt(5)) {
                case 0 -> gives(thread, "getuid", sys::getuid, () -> model.current(thread).uid);
                case 1 -> gives(thread, "getgid", sys::getgid, () -> model.current(thread).gid);
                case 2 -> {
                    if (model.current(thread).pid > 1) { // or soon nobody is 0 any more
                        does(thread, "setuid " + id, () -> sys.setuid(id), () -> model.setuid(thread, id));
                    }
                }
                case 3 -> does(thread, "setgid " + id, () -> sys.setgid(id), () -> model.setgid(thread, id));
                default -> {
                    long cur = random.nextInt(12) - 1L;
                    long max = random.nextInt(4) == 0 ? random.nextInt(14) : 65_536;
                    does(
                            thread,
                            "setrlimit " + cur + " " + max,
                            () -> sys.setrlimit(Syscalls.RLIMIT_NOFILE, new Rlimit(cur, max)),
                            () -> model.setrlimit(thread, cur, max));
                }
            }
        }

        private void descriptors(int thread, int dice) {
            int fd = random.nextInt(30) == 0 ? random.nextInt() : random.nextInt(8);
            int offset = random.nextInt(40);
            String data = "abcdefghij".substring(random.nextInt(10));
            switch (dice % 12) {
                case 0 -> {
                    String name = "object-" + step;
                    boolean fails = random.nextInt(5) == 0;
                    gives(
                            thread,
                            "install",
                            () -> sys.install(closer(name, fails)),
                            () -> model.install(thread, name, fails));
                }
                case 1 -> open(thread);
                case 2 -> gives(thread, "dup " + fd, () -> sys.dup(fd), () -> model.dup(thread, fd));
                case 3 -> gives(thread, "write " + fd, () -> write(fd, data), () -> model.write(thread, fd, data));
                case 4 -> gives(thread, "read " + fd, () -> read(fd, 5), () -> model.read(thread, fd, 5));
                case 5 ->
                    gives(
                            thread,
                            "pwrite " + fd,
                            () -> sys.pwrite(fd, bytes(data), offset),
                            () -> model.pwrite(thread, fd, data, offset));
                case 6 ->
                    gives(thread, "pread " + fd, () -> pread(fd, offset), () -> model.pread(thread, fd, 5, offset));
                case 7 -> {
                    int whence = random.nextInt(3);
                    gives(
                            thread,
                            "lseek " + fd + " " + (offset - 20) + " " + whence,
                            () -> sys.lseek(fd, offset - 20, whence),
                            () -> model.lseek(thread, fd, offset - 20, whence));
                }
                case 8 -> gives(thread, "fstat " + fd, () -> sys.fstat(fd).size(), () -> model.size(thread, fd));
                case 9 -> {
                    String name = "f" + random.nextInt(3);
                    does(thread, "unlink " + name, () -> sys.unlink(path(name)), () -> model.unlink(name));
                }
                default -> does(thread, "close " + fd, () -> sys.close(fd), () -> model.close(thread, fd));
            }
        }

        private void open(int thread) {
            String name = "f" + random.nextInt(3);
            boolean excl = random.nextInt(4) == 0;
            boolean trunc = random.nextInt(4) == 0;
            int flags =
                    Syscalls.O_RDWR | Syscalls.O_CREAT | (excl ? Syscalls.O_EXCL : 0) | (trunc ? Syscalls.O_TRUNC : 0);
            gives(
                    thread,
                    "open " + name,
                    () -> sys.open(path(name), flags),
                    () -> model.open(thread, name, excl, trunc));
        }

        private String path(String name) {
            return mine.resolve(name).toString();
        }

        private AutoCloseable closer(String name, boolean fails) {
            return () -> {
                closed.add(name);
                if (fails) {
                    throw new IOException(name);
                }
            };
        }

        private ByteBuffer bytes(String data) {
            return ByteBuffer.wrap(data.getBytes(StandardCharsets.ISO_8859_1));
        }

        private int write(int fd, String data) {
            return sys.write(fd, bytes(data));
        }

        private String read(int fd, int most) {
            ByteBuffer buf = ByteBuffer.allocate(most);
            int count = sys.read(fd, buf);
            return new String(buf.array(), 0, count, StandardCharsets.ISO_8859_1);
        }

        private String pread(int fd, int offset) {
            ByteBuffer buf = ByteBuffer.allocate(5);
            int count = sys.pread(fd, buf, offset);
            return new String(buf.array(), 0, count, StandardCharsets.ISO_8859_1);
        }

        /* ---- Both sides, side by side. ---- */

        private void creates(int thread, String what, Action call, Action oracle) {
            int before = model.lwps.size();
            does(thread, what, call, oracle);
            if (model.lwps.size() > before) {
                real.add(on(thread, lwps::curLwp));
            }
        }

        private void does(int thread, String what, Action call, Action oracle) {
            gives(
                    thread,
                    what,
                    () -> {
                        call.run();
                        return "done";
                    },
                    () -> {
                        oracle.run();
                        return "done";
                    });
        }

        private void gives(int thread, String what, Callable<?> call, Callable<?> oracle) {
            text = what + " on " + thread;
            String expected = outcome(oracle);
            String got = on(thread, () -> outcome(call));
            if (broken && expected.equals("EBADF")) {
                expected = "EPERM";
            }
            assertEquals(expected, got);
            outcomes.add(got);
        }

        private String outcome(Callable<?> call) {
            try {
                return String.valueOf(call.call());
            } catch (KernelException e) {
                return e.errno().toString();
            } catch (KernelPanic e) {
                return "panic";
            } catch (Exception e) {
                throw new AssertionError(e);
            }
        }

        private <T> T on(int thread, Callable<T> call) {
            if (thread > 0) {
                return hosts[thread].call(call);
            }
            try {
                return call.call();
            } catch (Exception e) {
                throw new AssertionError(e);
            }
        }

        private void compare(int thread) {
            LwpModel.L expected = model.bound.get(thread);
            Lwp got = on(thread, lwps::curLwp);
            assertEquals(expected == null ? -1 : model.lwps.indexOf(expected), got == null ? -1 : real.indexOf(got));
            assertEquals(model.current(thread).pid, on(thread, sys::getpid));
            assertEquals(model.current(thread).ppid, on(thread, sys::getppid));
            assertEquals(model.closed, closed);
            model.closed.clear();
            closed.clear();
        }

        private void compareAll() {
            for (int i = 0; i < real.size(); i++) {
                LwpModel.L lwp = model.lwps.get(i);
                assertEquals(lwp.released, real.get(i).isReleased());
                assertEquals(lwp.runner >= 0, real.get(i).isRunning());
                assertEquals(lwp.proc.pid, real.get(i).proc().pid());
            }
            List<Integer> pids = new ArrayList<>();
            kernel.ps().forEach(row -> pids.add(row.pid()));
            assertEquals(List.copyOf(model.procs.keySet()), pids);
            for (LwpModel.P p : model.procs.values()) {
                Proc proc = kernel.pfind(p.pid).orElseThrow();
                assertEquals(p.lwps.size(), proc.lwps().size());
                assertEquals(p.lwps.size() + (p.pid < 2 ? 1 : 0), Monitors.nlwps(proc));
                assertEquals(p.ppid, proc.ppid());
                assertEquals(
                        List.copyOf(p.table.entries.keySet()),
                        proc.descriptors().stream()
                                .map(line -> Integer.valueOf(line.substring(0, line.indexOf(' '))))
                                .toList());
            }
        }

        /** Releases all, and nothing is left. */
        private void end() {
            for (int i = 0; i < THREADS; i++) {
                int thread = i;
                does(thread, "leave", () -> lwps.switchTo(null), () -> model.switchTo(thread, null));
            }
            for (int i = 0; i < real.size(); i++) {
                int n = i;
                if (!model.lwps.get(n).released) {
                    does(0, "enter", () -> lwps.switchTo(real.get(n)), () -> model.switchTo(0, model.lwps.get(n)));
                    does(0, "release", lwps::releaseLwp, () -> model.release(0));
                    compare(0);
                }
            }
            compareAll();
            assertEquals(2, kernel.ps().rows().size());
        }

        @Override
        public void close() {
            for (int i = 1; i < THREADS; i++) {
                hosts[i].close();
            }
            lwps.switchTo(null);
            log.close();
            kernel.close();
        }
    }
}
