package org.kthread.shutdown;

/**
 * How to shut down: flags of {@code sys/reboot.h}, or-ed.
 *
 * <pre>{@code
 * kernel.reboot(Howto.HALT.nosync());
 * }</pre>
 *
 * @param bits the flags, with their BSD values
 * @see <a href="https://man.freebsd.org/reboot/2">reboot(2)</a>
 */
public record Howto(int bits) {
    /** Boot again: {@code Boot.runUntilHalted} makes a new kernel; elsewhere it ends as HALT does. */
    public static final Howto AUTOBOOT = new Howto(0);

    /** Do not sync. The handlers of all three events run nevertheless. */
    public static final Howto NOSYNC = new Howto(0x4);

    /** Stay down. */
    public static final Howto HALT = new Howto(0x8);

    /** Stay down; as HALT, for the JVM has no power to switch off. */
    public static final Howto POWEROFF = new Howto(0x4000);

    /**
     * The same, without the sync.
     *
     * @return with {@link #NOSYNC}
     */
    public Howto nosync() {
        return new Howto(bits | NOSYNC.bits);
    }

    /**
     * Whether the sync is left out.
     *
     * @return true with {@link #NOSYNC}
     */
    public boolean isNosync() {
        return (bits & NOSYNC.bits) != 0;
    }

    /**
     * Whether it boots again.
     *
     * @return true without {@link #HALT} and {@link #POWEROFF}
     */
    public boolean isAutoboot() {
        return (bits & (HALT.bits | POWEROFF.bits)) == 0;
    }

    @Override
    public String toString() {
        String what = isAutoboot() ? "AUTOBOOT" : (bits & POWEROFF.bits) != 0 ? "POWEROFF" : "HALT";
        return isNosync() ? what + "|NOSYNC" : what;
    }
}
