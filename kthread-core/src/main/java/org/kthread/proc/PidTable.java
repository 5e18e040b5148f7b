package org.kthread.proc;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Which pid is whose. The caller holds the lock of the process table. */
final class PidTable {
    private static final int FIRST = 2; // 0 is the kernel, 1 is init
    private static final int FIRST_HIGH = 10;

    private final Map<Integer, Proc> procs = new HashMap<>();
    private final int pidMax;
    private int last = 1;

    PidTable(int pidMax) {
        this.pidMax = pidMax;
    }

    /** The next free pid after the last one given; past the end it goes on from 2. There is one: the table is not full. */
    int next() {
        do {
            last = last >= pidMax ? FIRST : last + 1;
        } while (procs.containsKey(last));
        return last;
    }

    /** The first free pid from 10 on; where the next search begins stays as it is. */
    int nextHigh() {
        int pid = FIRST_HIGH;
        while (procs.containsKey(pid)) {
            pid++;
        }
        return pid;
    }

    void put(Proc proc) {
        procs.put(proc.pid(), proc);
    }

    void remove(Proc proc) {
        procs.remove(proc.pid(), proc);
    }

    @Nullable
    Proc get(int pid) {
        return procs.get(pid);
    }

    int size() {
        return procs.size();
    }

    /** All of them, in pid order. */
    List<Proc> all() {
        List<Proc> all = new ArrayList<>(procs.values());
        all.sort(Comparator.comparingInt(Proc::pid));
        return all;
    }
}
