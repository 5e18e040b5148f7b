package org.kthread.proc;

/** The credentials of a process; shared until one of the sharers changes them. */
record Ucred(int uid, int gid) {
    static final Ucred ROOT = new Ucred(0, 0);
}
