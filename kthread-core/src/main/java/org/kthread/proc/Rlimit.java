package org.kthread.proc;

/**
 * A resource limit. What is limited may not reach {@code cur}; a process may set that anywhere up to {@code max}.
 *
 * @param cur the limit in force
 * @param max the highest it may be set to
 * @see <a href="https://man.netbsd.org/getrlimit.2">getrlimit(2)</a>
 */
public record Rlimit(long cur, long max) {
    /** What the kernel, init, and all that inherit from them begin with. */
    static final Rlimit NOFILE = new Rlimit(128, 65_536);
}
