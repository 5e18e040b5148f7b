package org.kthread.examples.tenants;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.kthread.Kernel;
import org.kthread.lwp.Lwps;
import org.kthread.lwp.Syscalls;
import org.kthread.proc.Lwp;
import org.kthread.proc.Rlimit;
import org.kthread.sys.Errno;
import org.kthread.sys.KernelException;

/**
 * A tenant: a process with an own uid, confined to an own directory, with an own limit on descriptors.
 *
 * <p>One lwp of it, the keeper, is run by nobody, and so keeps the process while no request is there. Each request is an lwp
 * more, run by the host thread that serves it: several at once share what the process has, and none sees anything else.
 */
final class Tenant {
    /*
     * Who is inside is known under this monitor, so that the interrupt of destroy() meets a request of this tenant and nothing
     * else. An interrupt breaks what the host thread waits for on the network; files are not closed by it.
     *
     * Locking key: (f) final; (m) this monitor, taken before the lock of the process table; (d) the monitor "making".
     */

    /** To forget one that is on disk costs a sync, and nothing else. */
    static final int MOST_DURABLE = 256;

    private static final System.Logger LOG = System.getLogger("org.kthread.examples.tenants");

    private final Kernel kernel; // (f)
    private final String name; // (f)
    private final int uid; // (f)
    private final int nofile; // (f)
    private final Lwp keeper; // (f)
    private final Object making = new Object(); // (f) held by who makes directories

    @GuardedBy("this")
    private final Set<Thread> inside = new HashSet<>(); // (m) host threads of its requests

    @GuardedBy("this")
    private boolean gone; // (m) nobody enters any more

    /** Directories whose names are on disk for certain: who made another may have failed to sync it, or was killed before. */
    @GuardedBy("making")
    private final Set<String> durable = new HashSet<>(); // (d)

    /** Directories whose entries may not be on disk; with each a mark of its last change, equal to no other. */
    private final ConcurrentMap<String, Object> unsynced = new ConcurrentHashMap<>(); // (f)

    /** What a request does inside. */
    @FunctionalInterface
    interface Request {
        void serve() throws IOException, Status;
    }

    private Tenant(Kernel kernel, String name, int uid, int nofile, Lwp keeper) {
        this.kernel = kernel;
        this.name = name;
        this.uid = uid;
        this.nofile = nofile;
        this.keeper = keeper;
    }

    /** Makes the process. The caller is in the implicit context, before and after. */
    static Tenant create(Kernel kernel, String name, String dir, int uid, int nofile) {
        Lwps lwps = kernel.lwps();
        Syscalls sys = kernel.syscalls();
        lwps.rfork(Lwps.RUMP_RFCFDG);
        boolean made = false;
        try {
            sys.confine(dir);
            removeIncomplete(sys);
            sys.setrlimit(Syscalls.RLIMIT_NOFILE, new Rlimit(nofile, nofile));
            sys.setgid(uid);
            sys.setuid(uid); // from here on it may change none of these
            Lwp keeper = Objects.requireNonNull(lwps.curLwp());
            lwps.switchTo(null);
            made = true;
            return new Tenant(kernel, name, uid, nofile, keeper);
        } finally {
            if (!made) {
                lwps.releaseLwp();
            }
        }
    }

    /** What a kill -9 has left: files, and directories that are empty. */
    private static void removeIncomplete(Syscalls sys) {
        for (String entry : sys.readdir(".")) {
            if (entry.startsWith(Target.RESERVED)) {
                try {
                    Files.delete(sys.getcwd().resolve(entry));
                } catch (IOException e) {
                    LOG.log(System.Logger.Level.WARNING, "an incomplete upload stays", e);
                }
            }
        }
    }

    String name() {
        return name;
    }

    int uid() {
        return uid;
    }

    int pid() {
        return keeper.proc().pid();
    }

    int nofile() {
        return nofile;
    }

    /** What is open in it. */
    List<String> descriptors() {
        return keeper.proc().descriptors();
    }

    synchronized int requests() {
        return inside.size();
    }

    synchronized boolean isGone() {
        return gone;
    }

    /** Runs a request inside, and comes home. */
    void run(Request request) throws IOException, Status {
        enter();
        try {
            request.serve();
        } catch (KernelException e) {
            if (isGone()) {
                throw new Status(Status.NOT_FOUND, "no such tenant");
            }
            throw e;
        } finally {
            leave();
        }
    }

    private synchronized void enter() throws Status {
        if (gone) {
            throw new Status(Status.NOT_FOUND, "no such tenant");
        }
        kernel.lwps().newLwp(pid()); // while the keeper is there this is our process
        inside.add(Thread.currentThread());
    }

    private void leave() {
        try {
            kernel.lwps().releaseLwp(); // the last one out closes what is open
        } catch (KernelException e) {
            LOG.log(System.Logger.Level.ERROR, "the end of tenant " + name, e);
        } finally {
            synchronized (this) {
                inside.remove(Thread.currentThread());
                notifyAll();
            }
            Thread.interrupted(); // it was meant for this request
        }
    }

    /**
     * Closes what it has open, breaks off its requests, and ends the process.
     *
     * @return whether all requests have left in time; else the last one will be the end of the process
     */
    boolean destroy(Duration limit) throws InterruptedException {
        boolean first;
        synchronized (this) {
            first = !gone;
            gone = true;
            inside.forEach(Thread::interrupt);
        }
        if (first) {
            endKeeper();
        }
        return awaitEmpty(limit);
    }

    /**
     * A call that is under way on a file keeps it open until it returns. With a limit of none a number that we close stays
     * free: no request finds another's file under the number of its own.
     */
    private void endKeeper() {
        kernel.lwps().switchTo(keeper);
        try {
            kernel.syscalls().setrlimit(Syscalls.RLIMIT_NOFILE, new Rlimit(0, 0));
            for (int fd = 0; fd < nofile && !descriptors().isEmpty(); fd++) {
                close(kernel.syscalls(), fd);
            }
        } catch (KernelException e) {
            LOG.log(System.Logger.Level.ERROR, "destroying tenant " + name, e);
        } finally {
            kernel.lwps().releaseLwp();
        }
    }

    private synchronized boolean awaitEmpty(Duration limit) throws InterruptedException {
        long deadline = System.nanoTime() + limit.toNanos();
        while (!inside.isEmpty()) {
            long left = deadline - System.nanoTime();
            if (left <= 0) {
                return false;
            }
            TimeUnit.NANOSECONDS.timedWait(this, left);
        }
        return true;
    }

    /* ---- Directories; the caller is inside. ---- */

    /** Something has changed in a directory: until a {@link #sync} that begins later, that may not be on disk. */
    void changed(String dir) {
        unsynced.put(dir, new Object());
    }

    /** Brings the entries of a directory to disk; of what changes meanwhile nothing is known. */
    void sync(String dir) {
        @Nullable Object mark = unsynced.get(dir);
        Syscalls sys = kernel.syscalls();
        int fd = sys.open(dir, Syscalls.O_RDONLY);
        try {
            sys.fsync(fd);
        } finally {
            close(sys, fd);
        }
        if (mark != null) {
            unsynced.remove(dir, mark);
        }
    }

    /** The directories whose entries may not be on disk. */
    List<String> unsynced() {
        return List.copyOf(unsynced.keySet());
    }

    /** Brings all of them to disk. */
    void syncAll() throws IOException, Status {
        if (!unsynced().isEmpty()) {
            run(() -> unsynced().forEach(this::sync));
        }
    }

    /**
     * Makes directories, where they are missing. The JDK cannot make one beneath an open directory, but can move one there:
     * so it is made in the tenant's own, whose path is trusted, and moved to its place.
     */
    void makeDirectories(List<String> names, String temporary) throws IOException {
        synchronized (making) {
            String parent = ".";
            for (int i = 1; i <= names.size(); i++) {
                String dir = String.join("/", names.subList(0, i));
                if (!exists(dir)) {
                    durable.remove(dir);
                    makeDirectory(parent, dir, temporary);
                }
                if (!durable.contains(dir)) {
                    sync(parent);
                    remember(dir);
                }
                parent = dir;
            }
        }
    }

    @GuardedBy("making")
    private void remember(String dir) {
        if (durable.size() == MOST_DURABLE) {
            durable.clear();
        }
        durable.add(dir);
    }

    private void makeDirectory(String parent, String dir, String temporary) throws IOException {
        Path made = Files.createDirectory(kernel.syscalls().getcwd().resolve(temporary));
        try {
            kernel.syscalls().rename(temporary, dir);
            changed(parent);
        } finally {
            Files.deleteIfExists(made);
        }
    }

    /** Whether a name leads to something. */
    boolean exists(String path) {
        try {
            kernel.syscalls().stat(path);
            return true;
        } catch (KernelException e) {
            if (e.errno() == Errno.ENOENT) {
                return false;
            }
            throw e;
        }
    }

    /** Closes a descriptor, which {@link #destroy} may have closed before. */
    static void close(Syscalls sys, int fd) {
        try {
            sys.close(fd);
        } catch (KernelException e) {
            if (e.errno() != Errno.EBADF) {
                throw e;
            }
        }
    }
}
