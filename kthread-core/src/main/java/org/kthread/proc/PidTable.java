package org.kthread.proc;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Which pid is whose. The caller holds the lock of the process table. */
final class PidTable {
    private static final int FIRST = 2; // 0 is the kernel, 1 is init
    private static final int FIRST_HIGH = 10;
    private static final int PAGE = 32;

    /*
     * By pid, in pages that come with their first process and stay: four bytes a pid, up to the highest one ever given. What
     * goes through all of them passes the empty pages over.
     */
    private @Nullable Page[] pages = new @Nullable Page[1];
    private final int pidMax;
    private int last = 1;
    private int size;

    /** The processes of some pids that follow each other. */
    private static final class Page {
        final @Nullable Proc[] procs = new @Nullable Proc[PAGE];
        int size;

        void addTo(List<Proc> all) {
            int left = size;
            for (int i = 0; left > 0; i++) {
                Proc proc = procs[i];
                if (proc != null) {
                    all.add(proc);
                    left--;
                }
            }
        }
    }

    PidTable(int pidMax) {
        this.pidMax = pidMax;
    }

    /** The next free pid after the last one given; past the end it goes on from 2. There is one: the table is not full. */
    int next() {
        do {
            last = last >= pidMax ? FIRST : last + 1;
        } while (get(last) != null);
        return last;
    }

    /** The first free pid from 10 on; where the next search begins stays as it is. */
    int nextHigh() {
        int pid = FIRST_HIGH;
        while (get(pid) != null) {
            pid++;
        }
        return pid;
    }

    void put(Proc proc) {
        int place = proc.pid() / PAGE;
        if (place >= pages.length) {
            pages = Arrays.copyOf(pages, Math.max(place + 1, 2 * pages.length));
        }
        Page page = pages[place];
        if (page == null) {
            page = new Page();
            pages[place] = page;
        }
        assert page.procs[proc.pid() % PAGE] == null : proc.pid() + " is in use";
        page.procs[proc.pid() % PAGE] = proc;
        page.size++;
        size++;
    }

    void remove(Proc proc) {
        Page page = page(proc.pid());
        if (page == null || page.procs[proc.pid() % PAGE] != proc) {
            return;
        }
        page.procs[proc.pid() % PAGE] = null;
        page.size--;
        size--;
    }

    @Nullable
    Proc get(int pid) {
        Page page = page(pid);
        return page == null ? null : page.procs[pid % PAGE];
    }

    private @Nullable Page page(int pid) {
        return pid < 0 || pid / PAGE >= pages.length ? null : pages[pid / PAGE];
    }

    int size() {
        return size;
    }

    /** All of them, in pid order. */
    List<Proc> all() {
        List<Proc> all = new ArrayList<>(size);
        for (Page page : pages) {
            if (page != null) {
                page.addTo(all);
            }
        }
        return all;
    }
}
