package org.kthread.sleep;

/**
 * What may be or-ed into the {@code pri} of a sleep: a priority in the low byte, and flags.
 *
 * <p>The priority, lower is better and 0 means none, decides whom {@link SleepQueues#wakeupOne} wakes; the JVM's
 * scheduler does not see it.
 *
 * @see <a href="https://man.freebsd.org/sleep/9">sleep(9)</a>
 */
public final class SleepPriority {
    /** Of the swapper. */
    public static final int PSWP = 0;
    /** Of the pager, and of bufdaemon. */
    public static final int PVM = 4;
    /** Waiting for an inode. */
    public static final int PINOD = 8;
    /** Waiting for a block. */
    public static final int PRIBIO = 12;
    /** Of file systems, and of vnlru. */
    public static final int PVFS = 16;
    /** The middle. */
    public static final int PZERO = 20;
    /** Waiting for a socket. */
    public static final int PSOCK = 24;
    /** Waiting for a child. */
    public static final int PWAIT = 28;
    /** Waiting for a lock. */
    public static final int PLOCK = 32;
    /** Of who merely pauses. */
    public static final int PPAUSE = 36;

    /** Where the priority is in {@code pri}. */
    public static final int PRIMASK = 0xff;

    /** The sleep may be ended by an interrupt, and by an ask to suspend. */
    public static final int PCATCH = 0x100;
    /** The lock given to the sleep is not taken again. */
    public static final int PDROP = 0x200;
    /**
     * The sleep counts as parked: an ask to suspend is answered at once, and the sleep does not return before resume.
     * (Linux: freezable.)
     */
    public static final int SUSPENDABLE = 0x1000;

    private SleepPriority() {}
}
