package org.kthread.lwp;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.kthread.sys.Errno;
import org.kthread.sys.KernelException;
import org.kthread.sys.KernelPanic;

/**
 * rump_lwproc(3) as the manual tells it, for one thread that plays several: no locks, nothing clever. The oracle of {@link
 * LwpModelTest}.
 */
final class LwpModel {
    static final int NOBODY = -1;
    static final int DEAD = -2;

    final int maxproc;
    final Map<Integer, P> procs = new TreeMap<>();
    final Map<String, StringBuilder> files = new HashMap<>();
    final List<L> lwps = new ArrayList<>();
    final List<L> bound = new ArrayList<>(); // by thread
    final List<String> closed = new ArrayList<>(); // since somebody looked
    private int lastPid = 1;

    /** A process. */
    static final class P {
        final int pid;
        int ppid;
        int uid;
        int gid;
        long limit = 128;
        long most = 65_536;
        T table;
        final Set<L> lwps = new LinkedHashSet<>();

        P(int pid) {
            this.pid = pid;
        }
    }

    /** An lwp. */
    static final class L {
        final P proc;
        int runner;
        boolean released;

        L(P proc, int runner) {
            this.proc = proc;
            this.runner = runner;
        }
    }

    /** A descriptor table. */
    static final class T {
        final TreeMap<Integer, E> entries = new TreeMap<>();
        int sharers = 1;
        int order;
    }

    /** An entry. */
    record E(F file, int order) {}

    /** What is open. */
    static final class F {
        final String name;
        final StringBuilder content; // null: an object
        final boolean fails;
        int offset;
        int entries;

        F(String name, StringBuilder content, boolean fails) {
            this.name = name;
            this.content = content;
            this.fails = fails;
        }
    }

    LwpModel(int threads, int maxproc) {
        this.maxproc = maxproc;
        for (int pid = 0; pid < 2; pid++) {
            P proc = new P(pid);
            proc.table = new T();
            procs.put(pid, proc);
        }
        for (int i = 0; i < threads; i++) {
            bound.add(null);
        }
    }

    P current(int thread) {
        L lwp = bound.get(thread);
        return lwp == null ? procs.get(1) : lwp.proc;
    }

    static KernelException error(Errno errno) {
        return new KernelException(errno, "the model says so");
    }

    /* ---- rump_lwproc(3) ---- */

    void rfork(int thread, int flags) {
        if (flags < 0 || flags > 2) {
            throw error(Errno.EINVAL);
        }
        if (procs.size() >= maxproc - 1) {
            throw error(Errno.EAGAIN);
        }
        P parent = current(thread);
        P child = new P(++lastPid);
        child.ppid = parent.pid;
        child.uid = parent.uid;
        child.gid = parent.gid;
        child.limit = parent.limit;
        child.most = parent.most;
        if (flags == 0) {
            child.table = parent.table;
            child.table.sharers++;
        } else {
            child.table = new T();
            if (flags == Lwps.RUMP_RFFDG) {
                child.table.entries.putAll(parent.table.entries);
                child.table.order = parent.table.order;
                parent.table.entries.values().forEach(e -> e.file.entries++);
            }
        }
        procs.put(child.pid, child);
        enter(thread, child);
    }

    void newLwp(int thread, int pid) {
        P proc = procs.get(pid);
        if (proc == null) {
            throw error(Errno.ESRCH);
        }
        enter(thread, proc);
    }

    private void enter(int thread, P proc) {
        L lwp = new L(proc, thread);
        proc.lwps.add(lwp);
        lwps.add(lwp);
        move(thread, lwp);
    }

    private void move(int thread, L lwp) {
        L old = bound.get(thread);
        if (old != null) {
            old.runner = NOBODY;
        }
        bound.set(thread, lwp);
        if (lwp != null) {
            lwp.runner = thread;
        }
    }

    void switchTo(int thread, L lwp) {
        if (lwp != null && (lwp.released || lwp.runner >= 0)) {
            throw new KernelPanic("");
        }
        move(thread, lwp);
    }

    void release(int thread) {
        L lwp = bound.get(thread);
        if (lwp == null) {
            throw new KernelPanic("");
        }
        move(thread, null);
        lwp.released = true;
        P proc = lwp.proc;
        proc.lwps.remove(lwp);
        if (proc.pid < 2 || !proc.lwps.isEmpty()) {
            return;
        }
        procs.remove(proc.pid);
        procs.values().stream().filter(p -> p.ppid == proc.pid).forEach(p -> p.ppid = 1);
        proc.table.sharers--;
        boolean failed = false;
        if (proc.table.sharers == 0) {
            List<E> entries = new ArrayList<>(proc.table.entries.values());
            entries.sort(Comparator.comparingInt(E::order).reversed());
            for (E entry : entries) {
                failed |= drop(entry.file);
            }
        }
        if (failed) {
            throw error(Errno.EIO);
        }
    }

    /** The host thread ends where it is; a new one takes its place. */
    void die(int thread) {
        L lwp = bound.get(thread);
        if (lwp != null) {
            lwp.runner = DEAD;
            bound.set(thread, null);
        }
    }

    /* ---- The process's calls. ---- */

    void setuid(int thread, int uid) {
        P proc = current(thread);
        require(uid, proc, proc.uid);
        proc.uid = uid;
    }

    void setgid(int thread, int gid) {
        P proc = current(thread);
        require(gid, proc, proc.gid);
        proc.gid = gid;
    }

    private static void require(int id, P proc, int own) {
        if (id < 0) {
            throw error(Errno.EINVAL);
        }
        if (proc.uid != 0 && id != own) {
            throw error(Errno.EPERM);
        }
    }

    void setrlimit(int thread, long cur, long max) {
        P proc = current(thread);
        if (cur < 0 || cur > max) {
            throw error(Errno.EINVAL);
        }
        if (max > proc.most && proc.uid != 0) {
            throw error(Errno.EPERM);
        }
        proc.limit = cur;
        proc.most = max;
    }

    int install(int thread, String name, boolean fails) {
        return enter(thread, new F(name, null, fails));
    }

    int open(int thread, String name, boolean excl, boolean trunc) {
        lowestFree(current(thread)); // the number comes first: at the limit nothing is made
        StringBuilder content = files.get(name);
        if (content != null && excl) {
            throw error(Errno.EEXIST);
        }
        if (content == null) {
            content = new StringBuilder();
            files.put(name, content);
        }
        if (trunc) {
            content.setLength(0);
        }
        return enter(thread, new F(name, content, false));
    }

    void unlink(String name) {
        if (files.remove(name) == null) {
            throw error(Errno.ENOENT);
        }
    }

    private static int lowestFree(P proc) {
        int fd = 0;
        while (proc.table.entries.containsKey(fd)) {
            fd++;
        }
        if (fd >= proc.limit) {
            throw error(Errno.EMFILE);
        }
        return fd;
    }

    private int enter(int thread, F file) {
        P proc = current(thread);
        int fd = lowestFree(proc);
        proc.table.entries.put(fd, new E(file, proc.table.order++));
        file.entries++;
        return fd;
    }

    int dup(int thread, int fd) {
        return enter(thread, file(thread, fd));
    }

    void close(int thread, int fd) {
        F file = file(thread, fd);
        current(thread).table.entries.remove(fd);
        if (drop(file)) {
            throw error(Errno.EIO);
        }
    }

    /** Whether the close failed. */
    private boolean drop(F file) {
        file.entries--;
        if (file.entries > 0 || file.content != null) {
            return false;
        }
        closed.add(file.name);
        return file.fails;
    }

    private F file(int thread, int fd) {
        E entry = current(thread).table.entries.get(fd);
        if (entry == null) {
            throw error(Errno.EBADF);
        }
        return entry.file;
    }

    private F regular(int thread, int fd, Errno otherwise) {
        F file = file(thread, fd);
        if (file.content == null) {
            throw error(otherwise);
        }
        return file;
    }

    int write(int thread, int fd, String text) {
        F file = regular(thread, fd, Errno.EOPNOTSUPP);
        put(file.content, file.offset, text);
        file.offset += text.length();
        return text.length();
    }

    int pwrite(int thread, int fd, String text, int offset) {
        put(regular(thread, fd, Errno.EOPNOTSUPP).content, offset, text);
        return text.length();
    }

    private static void put(StringBuilder content, int offset, String text) {
        while (content.length() < offset + text.length()) {
            content.append('\0');
        }
        content.replace(offset, offset + text.length(), text);
    }

    String read(int thread, int fd, int most) {
        F file = regular(thread, fd, Errno.EOPNOTSUPP);
        String text = get(file.content, file.offset, most);
        file.offset += text.length();
        return text;
    }

    String pread(int thread, int fd, int most, int offset) {
        return get(regular(thread, fd, Errno.EOPNOTSUPP).content, offset, most);
    }

    private static String get(StringBuilder content, int offset, int most) {
        return offset >= content.length() ? "" : content.substring(offset, Math.min(content.length(), offset + most));
    }

    long lseek(int thread, int fd, int offset, int whence) {
        F file = regular(thread, fd, Errno.ESPIPE);
        int to = offset + (whence == 0 ? 0 : whence == 1 ? file.offset : file.content.length());
        if (to < 0) {
            throw error(Errno.EINVAL);
        }
        file.offset = to;
        return to;
    }

    long size(int thread, int fd) {
        F file = file(thread, fd);
        return file.content == null ? 0 : file.content.length();
    }
}
