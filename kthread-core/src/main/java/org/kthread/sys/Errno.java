package org.kthread.sys;

/**
 * The error numbers a kernel call may fail with, by their BSD names and numbers.
 *
 * <p><b>Differences from BSD.</b> {@code EWOULDBLOCK} is missing on purpose: that the time is over is an outcome here,
 * never an error.
 *
 * @see <a href="https://man.freebsd.org/errno/2">errno(2)</a>
 */
public enum Errno {
    /** Operation not permitted. */
    EPERM(1),
    /** No such file or directory. */
    ENOENT(2),
    /** No such process. */
    ESRCH(3),
    /** Input/output error. */
    EIO(5),
    /** Bad file descriptor. */
    EBADF(9),
    /** Resource deadlock avoided: the caller would wait for itself. */
    EDEADLK(11),
    /** Cannot allocate memory. */
    ENOMEM(12),
    /** Permission denied. */
    EACCES(13),
    /** Device or resource busy. */
    EBUSY(16),
    /** File exists. */
    EEXIST(17),
    /** Not a directory. */
    ENOTDIR(20),
    /** Is a directory. */
    EISDIR(21),
    /** Invalid argument. */
    EINVAL(22),
    /** Too many open files: the process is at its limit. */
    EMFILE(24),
    /** File too large. */
    EFBIG(27),
    /** No space left on device. */
    ENOSPC(28),
    /** Illegal seek: what is open has no offset. */
    ESPIPE(29),
    /** Resource temporarily unavailable: the process table is full, or the JVM refused a thread. */
    EAGAIN(35),
    /** Operation not supported. */
    EOPNOTSUPP(45),
    /** Cannot do this any more: the kernel is shutting down. */
    ESHUTDOWN(58),
    /** Too many levels of symbolic links. */
    ELOOP(62),
    /** The name is too long. */
    ENAMETOOLONG(63),
    /** Directory not empty. */
    ENOTEMPTY(66),
    /** Disk quota exceeded. */
    EDQUOT(69),
    /** Not permitted by capabilities: the name leads out of the directory the process is confined to. */
    ENOTCAPABLE(93);

    private final int number;

    Errno(int number) {
        this.number = number;
    }

    /**
     * The number FreeBSD gives this error.
     *
     * @return the number, above 0
     */
    public int number() {
        return number;
    }
}
